"""The documents of each letter, and the files that show them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from PIL import Image

from faxappeal.campaign.contact import Channel
from faxappeal.commands.preview import PreviewItem, preview
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.json import to_data
from tests.support.campaigns import write
from tests.support.commands import Surroundings

BOTH = ("one +12025550101", "mail office@example.org")


@pytest.fixture
def both(around: Surroundings) -> Surroundings:
    """A campaign of a fax and an e-mail, without an account."""
    around.write(*BOTH, settings="")
    return around


def sheets(
    around: Surroundings,
    only: Sequence[str] = (),
    channel: Channel | None = None,
    out: Path | None = None,
    *,
    overwrite: bool = False,
) -> tuple[PreviewItem, ...]:
    result = preview(around.environment, only=only, channel=channel, out=out, overwrite=overwrite)
    data: tuple[PreviewItem, ...] = result.data.sheets
    return data


@pytest.mark.parametrize(
    ("only", "channel", "shown"),
    [
        ((), None, [("one", "fax"), ("mail", "email")]),
        (("mail",), None, [("mail", "email")]),
        ((), "fax", [("one", "fax")]),
    ],
    ids=["all", "one recipient", "one channel"],
)
def test_the_letters_that_were_chosen_are_shown(
    both: Surroundings,
    only: Sequence[str],
    channel: Channel | None,
    shown: list[tuple[str, str]],
) -> None:
    assert [(item.recipient, item.channel) for item in sheets(both, only, channel)] == shown


@pytest.mark.parametrize(
    ("only", "said"), [(("one",), "one has no email"), (("one", "two"), "one, two has no email")]
)
def test_a_recipient_without_that_channel_is_refused(
    both: Surroundings, only: Sequence[str], said: str
) -> None:
    both.write(*BOTH, "two +12025550102")
    with pytest.raises(UsageError, match=said):
        sheets(both, only, "email")


def test_a_channel_that_no_recipient_has_is_refused(around: Surroundings) -> None:
    with pytest.raises(UsageError, match="nobody has no email"):
        sheets(around, (), "email")


def test_a_campaign_with_an_error_has_no_preview(both: Surroundings) -> None:
    both.change("letter.j2", "{{ to.salutation }}", "{{ nothing_of_that_name }}")
    with pytest.raises(InvalidCampaign):
        sheets(both)


def test_a_fax_has_its_pages_and_its_seconds(both: Surroundings) -> None:
    [fax] = sheets(both, channel="fax")
    assert "please answer." in fax.text and fax.pages == 1
    assert fax.seconds and 15 < fax.seconds < 30
    assert fax.used and 0.1 < fax.used < 0.9
    assert fax.bytes > 1000
    data = to_data(fax)
    assert data["seconds_measured"] is False and "text" not in data


def test_an_email_has_neither(both: Surroundings) -> None:
    [email] = sheets(both, channel="email")
    assert (email.seconds, email.slow_seconds, email.used, email.raster_sha256) == (None,) * 4
    assert email.pages == 1 and email.bytes > 1000


def test_the_same_letter_has_the_same_hashes(both: Surroundings) -> None:
    first = sheets(both)
    both.clock.sleep(3600)
    for before, after in zip(first, sheets(both), strict=True):
        assert before.content_sha256 == after.content_sha256
        assert (before.pdf_sha256, before.raster_sha256) == (after.pdf_sha256, after.raster_sha256)
    both.change("letter.j2", "please answer.", "please do answer.")
    for before, after in zip(first, sheets(both), strict=True):
        assert before.content_sha256 != after.content_sha256
        assert before.pdf_sha256 != after.pdf_sha256


def test_a_long_letter_has_more_pages_and_uses_the_last_one(both: Surroundings) -> None:
    [short] = sheets(both, channel="fax")
    both.change("letter.j2", "please answer.", "please answer.\n\n" * 45)
    [long] = sheets(both, channel="fax")
    assert long.pages > short.pages and long.seconds and short.seconds
    assert long.seconds > short.seconds
    assert long.slow_seconds and long.slow_seconds > long.seconds, "an older machine takes longer"


# -- files -------------------------------------------------------------------------------------------


def test_nothing_is_written_unless_a_folder_is_named(both: Surroundings) -> None:
    before = sorted(both.folder.rglob("*"))
    assert all(item.files == () for item in sheets(both))
    assert sorted(both.folder.rglob("*")) == before


def test_the_files_show_what_the_far_end_gets(both: Surroundings, tmp_path: Path) -> None:
    out = tmp_path / "look"
    fax, email = sheets(both, out=out)
    names = ("one-fax.tif", "one-fax-1.png", "one-fax.pdf")
    assert fax.files == tuple(str(out / name) for name in names)
    assert email.files == tuple(str(out / name) for name in ("mail-email.eml", "mail-email.pdf"))
    with Image.open(out / "one-fax.tif") as tiff, Image.open(out / "one-fax-1.png") as png:
        assert tiff.format == "TIFF" and tiff.size == png.size
        dpi = png.info["dpi"]
        assert [round(each) for each in dpi] == [204, 196]
    message = message_from_bytes((out / "mail-email.eml").read_bytes(), policy=policy.default)
    assert message["To"] and "office@example.org" in message["To"]
    assert (out / "one-fax.pdf").read_bytes().startswith(b"%PDF-")


def test_each_page_has_a_picture(both: Surroundings, tmp_path: Path) -> None:
    both.change("letter.j2", "please answer.", "please answer.\n\n" * 45)
    [fax] = sheets(both, channel="fax", out=tmp_path / "look")
    pictures = [name for name in fax.files if name.endswith(".png")]
    assert len(pictures) == fax.pages > 1
    for name in pictures:
        with Image.open(io.BytesIO(Path(name).read_bytes())) as image:
            assert image.mode == "1"


def test_a_file_is_written_over_only_where_a_person_says_so(
    both: Surroundings, tmp_path: Path
) -> None:
    out = tmp_path / "look"
    out.mkdir()
    (out / "one-fax.tif").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        sheets(both, channel="fax", out=out)
    assert (out / "one-fax.tif").read_text() == "mine"
    sheets(both, channel="fax", out=out, overwrite=True)
    assert (out / "one-fax.tif").read_bytes()[:2] == b"II"


def test_of_many_senders_the_letter_of_one_is_shown(both: Surroundings) -> None:
    write(both.folder, ["one +12025550101"], settings='[senders]\nmode = "each"\n')
    path = both.folder / "senders.csv"
    path.write_text("id,name,place,consent\ns-1,Paula,,2026-11-20\ns-2,Max,,2026-11-20\n")
    path.chmod(0o600)
    both.change("letter.j2", "please answer.", "{{ sender.name }} asks you.")
    [item] = sheets(both)
    assert "Paula" in item.text and "Max" not in item.text
