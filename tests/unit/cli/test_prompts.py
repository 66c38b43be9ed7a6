"""The questions of `init`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import typer

from faxappeal.campaign.starter import Answers
from faxappeal.cli.prompts import prompt_answers
from faxappeal.core.errors import UsageError
from tests.support.keyboard import at_keyboard

GIVEN = {
    "campaign": "for-erika",
    "sender": "Erika Mustermann",
    "phone": "+49 30 23125 012",
    "email": "erika@example.org",
    "account": "hylafax",
    "mail_server": "mail.example.org",
}
QUESTIONS = {
    "campaign": "A short name for the campaign",
    "sender": "Your name, or your organisation's",
    "phone": "Your telephone, from + on",
    "email": "Your e-mail address",
    "account": "Your fax account (",
    "mail_server": "Your mail server (",
}


def test_all_questions_are_asked_in_order_and_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_keyboard(monkeypatch, *GIVEN.values())
    assert asdict(prompt_answers(tmp_path, Answers())) == GIVEN
    out = capsys.readouterr().out
    assert out.startswith("What you leave empty is marked in the files")
    places = [out.index(question) for question in QUESTIONS.values()]
    assert places == sorted(places)


@pytest.mark.parametrize("name", GIVEN)
def test_only_what_is_not_given_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    at_keyboard(monkeypatch, GIVEN[name])
    given = Answers(**{key: value for key, value in GIVEN.items() if key != name})
    assert asdict(prompt_answers(tmp_path, given)) == GIVEN
    out = capsys.readouterr().out
    assert [key for key, question in QUESTIONS.items() if question in out] == [name]


def test_of_somebody_who_presses_enter_only_the_campaign_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "Für Erika!"
    at_keyboard(monkeypatch, *[""] * 6)
    answers = prompt_answers(folder, Answers())
    assert answers == Answers(campaign="fur-erika")
    assert "A short name for the campaign [fur-erika]:" in capsys.readouterr().out


def test_blanks_are_an_empty_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_keyboard(monkeypatch, "x", "   ", *[""] * 4)
    assert prompt_answers(tmp_path, Answers()).sender is None


def test_the_accounts_that_there_are_stand_in_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_keyboard(monkeypatch, *[""] * 6)
    prompt_answers(tmp_path, Answers())
    [line] = [each for each in capsys.readouterr().out.split(": ") if "fax account" in each]
    assert "hylafax" in line and "sinch" in line and line.endswith("or none)")


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("campaign", "!!", "has no letter or digit in it (as in free-the-writers)"),
        ("phone", "030 23125", "no number in international form (as in +49 30 23125 012)"),
        ("email", "Erika", "Erika: "),
        ("account", "hylafx", "no fax account hylafx (did you mean hylafax?)"),
        ("account", "twilio", "no fax account twilio (there are: "),
        ("mail_server", "https://x/", "no server's name (as in mail.example.org, or none)"),
    ],
)
def test_a_wrong_answer_is_explained_and_asked_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    wrong: str,
    said: str,
) -> None:
    at_keyboard(monkeypatch, wrong, wrong, f"  {GIVEN[name]} ")
    given = Answers(**{key: value for key, value in GIVEN.items() if key != name})
    assert asdict(prompt_answers(tmp_path, given)) == GIVEN
    out = capsys.readouterr().out
    assert out.count(said) == 2 and out.count(QUESTIONS[name]) == 3


def test_where_a_campaign_is_already_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.j2").write_text("mine")
    keyboard = at_keyboard(monkeypatch, "x")
    with pytest.raises(UsageError, match="is there already"):
        prompt_answers(tmp_path, Answers())
    assert capsys.readouterr().out == "" and keyboard.left == 1


@pytest.mark.parametrize("key", [KeyboardInterrupt(), EOFError()], ids=["Ctrl-C", "Ctrl-D"])
def test_ctrl_c_ends_the_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: BaseException
) -> None:
    at_keyboard(monkeypatch, "x", key)
    with pytest.raises(typer.Abort):
        prompt_answers(tmp_path, Answers())
    assert not list(tmp_path.iterdir())
