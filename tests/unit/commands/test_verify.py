"""A person's check of a contact, written into the list and nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from faxappeal.campaign.contact import Channel
from faxappeal.commands import verify as module
from faxappeal.commands.verify import VerifyResult, verify
from faxappeal.core.errors import SetupError, UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.json import to_data
from faxappeal.core.lifecycle import HoldReason
from tests.support.commands import NUMBER, Surroundings

VOICE, FAILING, CALL = HoldReason.VOICE, HoldReason.FAILING, HoldReason.CALL
OPTED_OUT = HoldReason.OPTED_OUT


def verified(
    around: Surroundings,
    id: str = "one",
    *,
    channel: Channel | None = None,
    method: str = "call",
    source: str | None = None,
    by: str | None = None,
) -> VerifyResult:
    data: VerifyResult = verify(
        around.environment, id, channel=channel, method=method, source=source, by=by
    ).data
    return data


def list_of(around: Surroundings) -> str:
    return (around.folder / "recipients.yaml").read_text(encoding="utf-8")


# -- what is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["active", "unverified"])
def test_a_contact_was_checked_today(around: Surroundings, before: str) -> None:
    around.change("recipients.yaml", "status: active", f"status: {before}")
    around.change("recipients.yaml", "2026-11-01", "2025-11-01")
    found = verified(around)
    assert (found.recipient, found.lifted) == ("one", None)
    assert to_data(found) == {
        "recipient": "one",
        "channel": "fax",
        "address": NUMBER,
        "status": "active",
        "last_verified": "2026-11-24",
        "verified_by": "Erika Mustermann",
        "method": "call",
        "source": "https://www.example.org/contact",
        "lifted": None,
    }
    assert "status: active\n    last_verified: 2026-11-24\n" in list_of(around)


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        ({"method": "website"}, "method", "website"),
        ({"source": " https://www.example.org/fax "}, "source", "https://www.example.org/fax"),
        ({"source": ""}, "source", "https://www.example.org/contact"),
        ({"by": "A. Person"}, "verified_by", "A. Person"),
        ({"by": " A.\tPerson "}, "verified_by", "A. Person"),
    ],
)
def test_how_and_by_whom_it_was_checked_is_written(
    around: Surroundings, given: dict[str, Any], key: str, value: str
) -> None:
    assert getattr(verified(around, **given), key) == value
    entry = yaml.safe_load(list_of(around))["recipients"][0]
    assert entry[key] == value


def test_nothing_else_in_the_list_is_changed(around: Surroundings) -> None:
    around.write(f"one {NUMBER}", "two +12025550102")
    around.change("recipients.yaml", "recipients:\n", "# our list\nrecipients:\n")
    one, two = list_of(around).split("  - id: two")
    verified(around)
    changed = list_of(around)
    assert changed.startswith("# our list\n") and changed.endswith("  - id: two" + two)
    assert not changed.startswith(one)


def test_a_check_by_no_person_is_none(around: Surroundings) -> None:
    before = list_of(around)
    with pytest.raises(UsageError, match="nobody is named who checked it"):
        verified(around, by=" \t")
    assert list_of(around) == before


def test_with_settings_that_cannot_be_read_nothing_is_written(around: Surroundings) -> None:
    """Where the ledger is, and with it what holds the contact, is not known."""
    (around.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    before = list_of(around)
    with pytest.raises(UsageError, match="nobody is named"):
        verified(around)
    with pytest.raises(InvalidCampaign):
        verified(around, by="A. Person")
    assert list_of(around) == before


# -- what cannot be verified -------------------------------------------------------------------------


@pytest.fixture
def several(around: Surroundings) -> Surroundings:
    """Offices of which only the first can be verified just so."""
    around.write(*(f"{id} +1202555010{n}" for n, id in enumerate(("one", "two", "three", "five"))))
    path = around.folder / "recipients.yaml"
    text = list_of(around).replace(
        '    fax: "+12025550101"', '    fax: "+12025550101"\n    email: two@example.org'
    )
    head, five, tail = text.partition("  - id: five")
    text = head + five + tail.replace("status: active", "status: retired")
    head, three, tail = text.partition("  - id: three")
    text = head + three + tail.replace("status: active", "status: opted_out", 1)
    path.write_text(
        text + '  - {id: four, name: Four, country: US, source: abc, fax: "+12025550104"}\n',
        encoding="utf-8",
    )
    return around


@pytest.mark.parametrize(
    ("id", "channel", "said", "hint"),
    [
        ("onne", None, "no recipient onne in recipients.yaml", "did you mean one?"),
        ("qqqqqq", None, "no recipient qqqqqq", "faxappeal check reads the list"),
        ("one", "email", "one has no email", "it has fax"),
        ("two", None, "two has a fax and an e-mail address", "add --channel fax, or email"),
        ("three", None, "three does not want to be written to", "edit its status by hand"),
        ("four", None, "four is written on one line", "give each of its keys a line of its own"),
    ],
)
def test_what_cannot_be_verified_is_left_as_it_is(
    several: Surroundings, id: str, channel: Channel | None, said: str, hint: str
) -> None:
    before = list_of(several)
    with pytest.raises(UsageError) as caught:
        verified(several, id, channel=channel)
    assert said in caught.value.message and hint in caught.value.hint
    assert list_of(several) == before


@pytest.mark.parametrize("channel", ["fax", "email"])
def test_a_contact_of_two_is_verified_by_its_channel(
    several: Surroundings, channel: Channel
) -> None:
    assert verified(several, "two", channel=channel).channel == channel


def test_a_retired_office_stays_retired_until_a_person_edits_its_line(
    around: Surroundings,
) -> None:
    """The stricter status counts: one checked number does not bring the whole office back."""
    around.change("recipients.yaml", "status: active", "status: retired")
    around.change("recipients.yaml", "    source:", "    email: one@example.org\n    source:")
    before = list_of(around)
    with pytest.raises(UsageError, match="one has status: retired") as caught:
        verified(around, channel="fax")
    assert "by hand" in caught.value.hint and list_of(around) == before


def test_a_list_with_an_error_is_left_as_it_is(around: Surroundings) -> None:
    around.change("recipients.yaml", "country: US", "country: Nowhere")
    before = list_of(around)
    with pytest.raises(InvalidCampaign):
        verified(around)
    assert list_of(around) == before


@pytest.mark.parametrize("changes", ["another office", "no office"])
def test_a_change_of_more_than_its_own_lines_is_not_written(
    several: Surroundings, monkeypatch: pytest.MonkeyPatch, changes: str
) -> None:
    """Whatever the editor of the list does."""
    before = list_of(several)
    by = {
        "another office": lambda text, *_: text.replace("Office two", "Office 2"),
        "no office": lambda text, *_: text.replace("id: one", "id: another"),
    }[changes]
    monkeypatch.setattr(module, "verified", by)
    with pytest.raises(UsageError, match="one is written in a way that cannot be edited here"):
        verified(several)
    assert list_of(several) == before


# -- the file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".recipients.yaml.part", "recipients.yaml.part"])
def test_verify_writes_through_no_link(around: Surroundings, tmp_path: Path, name: str) -> None:
    (tmp_path / "bashrc").write_text("mine")
    (around.folder / name).symlink_to(tmp_path / "bashrc")
    verified(around, method="website")
    assert (tmp_path / "bashrc").read_text() == "mine"
    assert "method: website" in list_of(around)


def test_verify_changes_no_list_that_is_a_link(around: Surroundings, tmp_path: Path) -> None:
    elsewhere = tmp_path / "list.yaml"
    (around.folder / "recipients.yaml").rename(elsewhere)
    (around.folder / "recipients.yaml").symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    with pytest.raises(UsageError, match=r"recipients\.yaml is a link"):
        verified(around)
    assert elsewhere.read_bytes() == before and (around.folder / "recipients.yaml").is_symlink()


def test_the_lists_rights_stay_and_nothing_else_is_left(around: Surroundings) -> None:
    recipients_file = around.folder / "recipients.yaml"
    recipients_file.chmod(0o640)
    names = sorted(path.name for path in around.folder.iterdir())
    verified(around, method="website")
    assert recipients_file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in around.folder.iterdir()) == names


def test_a_full_disk_loses_no_list(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list_of(around)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SetupError, match="No space left") as caught:
        verified(around)
    assert caught.value.hint == "nothing was changed" and list_of(around) == before
    assert {path.name for path in around.folder.iterdir()} == {
        "recipients.yaml",
        "letter.j2",
        "faxappeal.toml",
    }


# -- holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hold", "method", "is_lifted"),
    [
        pytest.param(FAILING, "website", True, id="a page has the number again"),
        pytest.param(FAILING, "letterhead", True, id="a letter has the number again"),
        pytest.param(VOICE, "website", False, id="a page cannot know who answers"),
        pytest.param(VOICE, "letterhead", False, id="nor a letter"),
        pytest.param(VOICE, "call", True, id="somebody has asked"),
        pytest.param(CALL, "website", False, id="a check call, and a page"),
        pytest.param(CALL, "call", True, id="a check call, and somebody has asked"),
        pytest.param(OPTED_OUT, "call", False, id="a wish not to be written to"),
    ],
)
def test_a_hold_is_lifted_by_a_check_that_can_end_it(
    around: Surroundings, hold: HoldReason, method: str, is_lifted: bool
) -> None:
    around.hold(hold)
    before = list_of(around)
    if is_lifted:
        assert verified(around, method=method).lifted is hold
        assert around.held() is None and verified(around, method=method).lifted is None
        return
    with pytest.raises(UsageError) as caught:
        verified(around, method=method)
    if hold is OPTED_OUT:
        assert "does not want to be written to" in caught.value.message
    else:
        assert "faxappeal verify one --method call" in caught.value.hint
    assert around.held() is hold and list_of(around) == before


def test_a_hold_on_another_number_is_left(around: Surroundings) -> None:
    around.hold(VOICE, "+12025550102")
    assert verified(around, method="website").lifted is None
    assert around.held("+12025550102") is VOICE


def test_a_voice_that_is_heard_while_a_website_is_looked_at_is_not_forgotten(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.hold(FAILING)
    replace = module._replace

    def meanwhile(path: Path, text: str) -> None:
        replace(path, text)
        around.hold(VOICE)

    monkeypatch.setattr(module, "_replace", meanwhile)
    with pytest.raises(UsageError) as caught:
        verified(around, method="website")
    assert "--method call" in caught.value.hint and around.held() is VOICE


def test_no_ledger_is_made_for_it(around: Surroundings, nobody: Path) -> None:
    assert verified(around).last_verified == date(2026, 11, 24)
    assert not (nobody / "data").exists()
