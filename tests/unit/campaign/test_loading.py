"""A campaign's folder, read once: its files, its own and others', and what cannot be read."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from faxappeal.campaign import loading
from faxappeal.campaign.letter import LetterError
from faxappeal.campaign.loading import Campaign, ledger_section, ready, settings_of, text_of
from faxappeal.campaign.senders import Signatory
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from tests.support.appeal import loaded
from tests.support.campaigns import SETTINGS, write
from tests.support.letter_sources import text_of as words_of
from tests.support.renderer import InProcess

TWO = "id,name,place,consent\ns-1,Paula Beispiel,Wien,2026-11-20\ns-2,Max Muster,,2026-11-21\n"


def read(folder: Path) -> Campaign:
    return loading.read(folder, InProcess())


def write_senders(folder: Path, mode: str = "joint", rights: int = 0o600) -> Path:
    path = folder / "senders.csv"
    path.write_text(TWO)
    path.chmod(rights)
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text() + f'\n[senders]\nmode = "{mode}"\n')
    return folder


# -- the campaign ------------------------------------------------------------------------------------


def test_a_campaign_is_its_three_files(tmp_path: Path) -> None:
    campaign = ready(read(write(tmp_path, ["one +12025550101", "two two@example.org"])))
    assert campaign and not campaign.findings
    assert [each.id for each in campaign.recipients] == ["one", "two"]
    assert campaign.letter.subject == ("Please answer",)
    assert campaign.settings.campaign.id == "test"
    assert (campaign.signatories, campaign.senders, campaign.signing) == ((), (), ())
    assert set(campaign.texts) == {"recipients.yaml", "letter.j2", "faxappeal.toml"}


def test_a_letter_is_written_with_a_contexts_values(tmp_path: Path) -> None:
    campaign = loaded(write(tmp_path))
    letter = campaign.write({"to": {"salutation": "Dear all"}})
    assert words_of(letter.body) == "Dear all,please answer."
    with pytest.raises(LetterError):
        campaign.write({"to": {"salutation": None}})


def test_all_that_is_wrong_is_found_in_every_file(tmp_path: Path) -> None:
    folder = write(tmp_path, ["one 030123"], letter="Dear all", settings="[fax]\nx = 1\n")
    (folder / "senders.csv").write_text("id,name\n")
    (folder / "senders.csv").chmod(0o600)
    campaign = read(folder)
    assert {each.path for each in campaign.findings} == {
        "recipients.yaml", "letter.j2", "faxappeal.toml", "senders.csv",
    }  # fmt: skip
    assert ready(campaign) is None


@pytest.mark.parametrize(
    ("name", "text", "is_ready"),
    [
        ("recipients.yaml", "recipients: []\n", True),
        ("letter.j2", "no front matter", False),
        ("faxappeal.toml", "[fax\n", False),
    ],
)
def test_a_campaign_without_a_letter_or_settings_is_not_ready(
    tmp_path: Path, name: str, text: str, is_ready: bool
) -> None:
    (write(tmp_path) / name).write_text(text)
    campaign = read(tmp_path)
    assert campaign.findings and (ready(campaign) is not None) == is_ready


@pytest.mark.parametrize("name", ["recipients.yaml", "letter.j2", "faxappeal.toml"])
def test_a_folder_without_one_of_them_is_no_campaign(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / name).unlink()
    with pytest.raises(UsageError) as refused:
        read(tmp_path)
    assert refused.value.message == f"no {name} here" and "-C FOLDER" in refused.value.hint


def test_settings_count_with_dotenv(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / ".env").write_text("FAXAPPEAL_CAMPAIGN__ID=from-dotenv\n")
    (folder / ".env").chmod(0o600)
    assert loaded(folder).settings.campaign.id == "from-dotenv"


# -- many senders ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "sign", "send"), [("joint", ["s-1", "s-2"], []), ("each", [], ["s-1", "s-2"])]
)
def test_they_sign_one_letter_or_send_one_each(
    tmp_path: Path, mode: str, sign: list[str], send: list[str]
) -> None:
    campaign = loaded(write_senders(write(tmp_path), mode))
    assert [each.id for each in campaign.signing] == sign
    assert [each.id for each in campaign.senders] == send


def test_a_campaign_as_one_of_its_senders_sends_it(tmp_path: Path) -> None:
    organisation = SETTINGS + 'organisation = "Example Group"\naddress = "1 Example Street"\n'
    folder = write_senders(write(tmp_path), "each")
    (folder / "faxappeal.toml").write_text(organisation)
    campaign = loaded(folder)
    paula, max_ = campaign.signatories
    sender = campaign.sent_by(paula).settings.sender
    assert (sender.name, sender.organisation, sender.address) == ("Paula Beispiel", None, "Wien")
    assert (sender.email, sender.phone) == ("appeals@example.org", "+49 30 23125 012")
    other = campaign.sent_by(max_).settings.sender
    assert other.address is None, "nor the group's"
    assert len({sender.identity, other.identity, campaign.settings.sender.identity}) == 3
    assert campaign.settings.sender.name == "Erika Mustermann", "the campaign stays as it is"


def test_an_identity_holds_no_name(tmp_path: Path) -> None:
    campaign = loaded(write(tmp_path))
    signatory = Signatory("s-1", "Paula Beispiel", "Wien", date(2026, 11, 20))
    assert campaign.sent_by(signatory).settings.sender.identity == "appeals@example.org/s-1"


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_a_file_of_senders_that_others_can_read_is_not_read(tmp_path: Path) -> None:
    campaign = read(write_senders(write(tmp_path), rights=0o644))
    assert campaign.signatories == ()
    [finding] = campaign.findings
    assert finding.hint == "chmod 600 senders.csv"


# -- settings alone ----------------------------------------------------------------------------------


def test_settings_can_be_read_while_the_list_is_being_edited(tmp_path: Path) -> None:
    folder = write(tmp_path, "recipients: []\n", letter="half a let")
    assert settings_of(read(folder)).campaign.id == "test"


def test_of_settings_that_cannot_be_read_only_their_own_mistakes_are_said(tmp_path: Path) -> None:
    folder = write(tmp_path, "recipients: []\n", letter="half a let", settings="[fax]\nx = 1\n")
    with pytest.raises(InvalidCampaign) as refused:
        settings_of(read(folder))
    assert {each.path for each in refused.value.findings} == {"faxappeal.toml"}


def test_the_ledger_of_a_campaign_is_the_one_in_its_settings(tmp_path: Path) -> None:
    url = "postgresql://me@db.example.org/faxappeal"
    folder = write(tmp_path, settings=f'\n[ledger]\nurl = "{url}"\n')
    assert ledger_section(folder).url == url


def test_the_ledger_of_a_broken_campaign_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        ledger_section(write(tmp_path, settings="[fax]\nx = 1\n"))
    assert [each.rule for each in refused.value.findings] == ["unknown-key"]


def test_without_a_campaign_the_environment_says_where_the_ledger_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ledger_section(tmp_path).url is None
    monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", "sqlite:///ledger.db")
    monkeypatch.setenv("FAXAPPEAL_LEDGER__PASSWORD", "hunter2")
    ledger = ledger_section(tmp_path)
    assert ledger.url == "sqlite:///ledger.db"
    assert ledger.password and ledger.password.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FAXAPPEAL_LEDGER__URL", "mysql://x", "must be sqlite:///FILE or postgresql://"),
        ("FAXAPPEAL_LEDGER__ULR", "sqlite:///x", "Extra inputs"),
    ],
    ids=["a wrong value", "a wrong name"],
)
def test_a_wrong_variable_is_named_and_can_be_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as refused:
        ledger_section(tmp_path)
    assert refused.value.message.startswith(f"{name} {words}")
    assert refused.value.hint == f"mend it, or unset it: unset {name}"


# -- a file's text -----------------------------------------------------------------------------------


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("ä\r\nb\n\rc".encode())
    assert text_of(tmp_path, "a") == "ä\r\nb\n\rc"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc\xff", "a is not UTF-8 text (byte 4)"),
        (b"\xff\xfe\x00", "a is not UTF-8 text (byte 1)"),
        (None, "no a here"),
    ],
    ids=["a byte in it", "UTF-16", "no file"],
)
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    with pytest.raises(UsageError) as refused:
        text_of(tmp_path, "a")
    assert refused.value.message == message and refused.value.hint


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(UsageError) as refused:
        text_of(tmp_path, "a")
    assert refused.value.message.startswith("a cannot be read: ")
