"""A new campaign: what may be said of it, and that nothing is written over."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from faxappeal.campaign.starter import Answers
from faxappeal.commands.init import (
    READERS,
    InitResult,
    default_id,
    init,
    parse_answers,
    refuse_existing,
)
from faxappeal.core.errors import FaxappealError, UsageError
from faxappeal.providers import fax
from tests.support.campaigns import ROOT

SIX = {
    "campaign": "Für Erika!",
    "sender": 'Erika "E." Müller',
    "phone": "+49 30 23125 012",
    "email": "erika@example.org",
    "account": "hylafax",
    "mail_server": "mail.example.org",
}
FILES = ["recipients.yaml", "letter.j2", "faxappeal.toml"]
ALL = (*FILES, "recipients.schema.json", ".gitignore", ".github/workflows/faxappeal.yml")


def made(folder: Path, answers: Answers | None = None) -> InitResult:
    data: InitResult = init(folder, answers or Answers()).data
    return data


# -- files -------------------------------------------------------------------------------------------


def test_a_new_campaign_has_all_its_files(tmp_path: Path) -> None:
    found = made(tmp_path / "new" / "c")
    assert (found.folder, found.files, found.kept) == (tmp_path / "new" / "c", ALL, ())
    assert all((found.folder / name).is_file() for name in ALL)


def test_what_is_left_to_do_is_counted(tmp_path: Path) -> None:
    nothing = made(tmp_path / "a")
    six = made(tmp_path / "b", parse_answers(**SIX))
    texts = [(tmp_path / "b" / name).read_text(encoding="utf-8") for name in FILES]
    assert six.marks == sum(
        "FILL IN" in line and not line.lstrip().startswith("#")
        for text in texts
        for line in text.splitlines()
    )
    assert nothing.marks > six.marks > 0


def test_what_was_said_is_written_as_it_was_said(tmp_path: Path) -> None:
    made(tmp_path, parse_answers(**SIX))
    data = tomllib.loads((tmp_path / "faxappeal.toml").read_text(encoding="utf-8"))
    assert data["campaign"]["id"] == "fur-erika"
    assert data["sender"]["name"] == 'Erika "E." Müller'
    assert data["email"]["smtp"]["username"] == "erika@example.org"
    assert "FILL IN" not in (tmp_path / "faxappeal.toml").read_text(encoding="utf-8")


def test_the_files_are_what_git_and_ci_take(tmp_path: Path) -> None:
    made(tmp_path)
    assert "/.env" in (tmp_path / ".gitignore").read_text()
    workflow = yaml.safe_load((tmp_path / ".github/workflows/faxappeal.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    schema = (tmp_path / "recipients.schema.json").read_text(encoding="utf-8")
    assert schema == (ROOT / "recipients.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_campaign_is_never_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=f"{name} is there already") as caught:
        made(tmp_path)
    assert caught.value.hint == "name another folder: faxappeal init FOLDER"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_is_no_folder_to_write_into(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("mine")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        made(tmp_path / "c")


@pytest.mark.parametrize("name", [".gitignore", "recipients.schema.json"])
def test_what_helps_is_left_as_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    found = made(tmp_path)
    assert found.kept == (name,) and name not in found.files
    assert (tmp_path / name).read_text() == "mine"


def test_an_empty_or_a_missing_folder_will_do(tmp_path: Path) -> None:
    refuse_existing(tmp_path)
    refuse_existing(tmp_path / "nowhere")


# -- the campaign's name -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Für Erika!", "fur-erika"),
        ("free the  writers", "free-the-writers"),
        ("2026_Appeal", "2026-appeal"),
        ("--x--", "x"),
        ("自由", "my-campaign"),
        ("x" * 80, "x" * 60),
    ],
)
def test_a_folder_gives_its_campaign_a_name(tmp_path: Path, name: str, id: str) -> None:
    assert default_id(tmp_path / name) == id


@pytest.mark.parametrize(
    ("answers", "id"), [(Answers(), "for-erika"), (Answers(campaign="mine"), "mine")]
)
def test_a_name_that_was_given_is_taken_before_the_folders(
    tmp_path: Path, answers: Answers, id: str
) -> None:
    made(tmp_path / "For Erika", answers)
    text = (tmp_path / "For Erika" / "faxappeal.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["campaign"]["id"] == id


# -- answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("campaign", "Free the Writers", "free-the-writers"),
        ("sender", "  Erika\tMustermann ", "Erika Mustermann"),
        ("phone", "+1 202 555 0101", "+1 202 555 0101"),
        ("email", "erika@example.org", "erika@example.org"),
        *(("account", account, account) for account in (*fax.names(), "none")),
        ("mail_server", "none", "none"),
        ("mail_server", "mail.example.org", "mail.example.org"),
    ],
)
def test_an_answer_is_taken_as_it_is_meant(name: str, given: str, taken: str) -> None:
    assert READERS[name](given) == taken
    assert getattr(parse_answers(**{name: given}), name) == taken


@pytest.mark.parametrize(
    ("name", "given", "said", "hint"),
    [
        ("campaign", "!!", "no letter or digit", "free-the-writers"),
        ("phone", "030 23125", "no number in international form", "+49 30 23125 012"),
        ("phone", "", "no number in international form", "+49 30 23125 012"),
        ("email", "Erika <erika@example.org>", "Erika <erika@example.org>: ", ""),
        ("email", "erika", "erika: ", ""),
        ("account", "sinhc", "no fax account sinhc", "did you mean sinch?"),
        ("account", "twilio", "no fax account twilio", "there are: hylafax"),
        ("mail_server", "https://mail.example.org/", "no server's name", "mail.example.org"),
        ("mail_server", "", "no server's name", "or none"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(
    name: str, given: str, said: str, hint: str
) -> None:
    with pytest.raises(FaxappealError) as caught:
        parse_answers(**{name: given})
    assert said in caught.value.message and hint in caught.value.hint


def test_what_was_not_answered_is_left_open() -> None:
    answers = dict.fromkeys(SIX)
    assert parse_answers(**answers) == Answers()
    assert parse_answers(**(answers | {"account": "sinch"})) == Answers(account="sinch")
