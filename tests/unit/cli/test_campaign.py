"""Commands on the campaign's files: what their options decide before the work begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from faxappeal.commands.verify_call import CheckCallResult, Question
from faxappeal.core.result import Result
from tests.support import campaigns
from tests.support.campaigns import ROOT, run, write
from tests.support.keyboard import runner_at_terminal
from tests.support.renderer import InProcess

pytestmark = pytest.mark.usefixtures("clock")


class Sleeping(InProcess):
    """A process for templates that must not be started."""

    def start(self) -> None:
        raise AssertionError("the process for templates was started")


# -- init ------------------------------------------------------------------------------------------


def test_on_a_terminal_init_asks_for_what_is_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner_at_terminal(monkeypatch)
    typed = "\n+49 30 23125 012\n\n\n\n"  # the name of the campaign is its folder's
    ended = run("init", "c", "--sender", "Erika", folder=tmp_path, typed=typed)
    assert ended.code == 0 and "Your telephone" in ended.out
    assert "Your name, or" not in ended.out
    settings = (tmp_path / "c" / "faxappeal.toml").read_text(encoding="utf-8")
    assert 'name = "Erika"' in settings and 'phone = "+49 30 23125 012"' in settings
    assert 'id = "c"' in settings


@pytest.mark.parametrize(
    ("words", "terminal"), [(["--json"], True), ([], False)], ids=["a script", "no terminal"]
)
def test_init_asks_nothing_where_no_person_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], terminal: bool
) -> None:
    if terminal:
        runner_at_terminal(monkeypatch)
    ended = run("init", "c", *words, folder=tmp_path, typed="hunter2\n" * 6)
    assert ended.code == 0 and "Your telephone" not in ended.out
    settings = (tmp_path / "c" / "faxappeal.toml").read_text(encoding="utf-8")
    assert "hunter2" not in settings


def test_ctrl_c_at_a_question_of_init_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner_at_terminal(monkeypatch)
    ended = run("init", "c", folder=tmp_path, typed="x\n")  # and then the end of the file
    assert ended.code == 130 and ended.err == ""
    assert not list(tmp_path.iterdir())


# -- check -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "actions", "begins"),
    [
        ([], "", "recipients.yaml:7:10: error fax-number"),
        (["--format", "text"], "true", "recipients.yaml:7:10: error fax-number"),
        ([], "true", "::error "),
        (["--format", "github"], "", "::error "),
        (["--format", "gitlab"], "true", "["),
        (["--format", "sarif"], "", "{"),
        (["--format", "junit"], "", "<?xml"),
        (["--json"], "true", "{"),
        (["--format", "json"], "true", "{"),
    ],
    ids=" ".join,
)
def test_findings_take_the_form_that_is_asked_for_or_that_the_place_reads(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    actions: str,
    begins: str,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    ended = run("check", *words, folder=write(tmp_path, ["one 030123"]))
    assert ended.code == 1
    assert any(line.startswith(begins) for line in ended.out.splitlines()[:4]), ended.out


@pytest.mark.parametrize(
    "words", [["--json"], ["--format", "json"], ["--format", "sarif", "--json"]]
)
def test_json_is_the_one_object_that_each_command_prints(tmp_path: Path, words: list[str]) -> None:
    printed = run("check", *words, folder=write(tmp_path, ["one 030123"])).json
    assert (printed["faxappeal"], printed["command"], printed["status"]) == (1, "check", "error")


def test_a_form_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    ended = run("check", "--format", "xml", folder=write(tmp_path))
    assert ended.code == 2 and "sarif" in ended.err


def test_a_lone_list_needs_no_process_for_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "template_process", Sleeping)
    (write(tmp_path) / "recipients.yaml").rename(tmp_path / "list.yaml")
    ended = run("check", "list.yaml", folder=tmp_path)
    assert (ended.code, ended.out) == (0, "1 recipient checked: 0 errors, 0 warnings.\n")


# -- schema ----------------------------------------------------------------------------------------


def test_the_schema_is_the_file_of_the_project() -> None:
    ended = run("schema")
    assert ended.code == 0 and json.loads(ended.out)["type"] == "object"
    assert ended.out == (ROOT / "recipients.schema.json").read_text(encoding="utf-8")
    first = (ROOT / "recipients.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./recipients.schema.json"


# -- preview ---------------------------------------------------------------------------------------


def test_what_was_not_written_cannot_be_opened(tmp_path: Path) -> None:
    ended = run("preview", "--open", folder=write(tmp_path))
    assert ended.code == 2
    assert ended.err == "Error: --open shows what --out writes.\nHint: add --out FOLDER\n"


@pytest.mark.parametrize("is_shown", [True, False])
def test_only_with_open_the_files_are_shown_to_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_shown: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    words = ["--open"] if is_shown else []
    ended = run("preview", "--out", "look", *words, folder=write(tmp_path))
    assert ended.code == 0 and (tmp_path / "look" / "one-fax.tif").is_file()
    assert opened == (["look"] if is_shown else [])


# -- verify ----------------------------------------------------------------------------------------


def test_verify_wants_to_know_how_the_contact_was_checked(tmp_path: Path) -> None:
    ended = run("verify", "one", folder=write(tmp_path))
    assert ended.code == 2
    assert ended.err.startswith("Error: how was it checked?")
    assert "add --method call, website or letterhead" in ended.err


def test_what_a_person_has_checked_is_written_into_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "template_process", Sleeping)  # no letter is read for that
    words = ["--method", "call", "--by", "Ada", "--source", "https://www.example.org/fax"]
    assert run("verify", "one", *words, folder=write(tmp_path)).code == 0
    text = (tmp_path / "recipients.yaml").read_text(encoding="utf-8")
    assert "method: call" in text and 'verified_by: "Ada"' in text
    assert "last_verified: 2026-11-24" in text and "https://www.example.org/fax" in text


def test_a_method_that_is_none_is_refused(tmp_path: Path) -> None:
    ended = run("verify", "one", "--method", "guess", folder=write(tmp_path))
    assert ended.code == 2 and "letterhead" in ended.err


RESULT = Result("verify", CheckCallResult("one", "+12025550101", "fax", None, "a fax answers"))
QUESTION = Question("one", "+1 202 555 0101", datetime(2026, 11, 24, 10, 5))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A lookup and a call that are made if the person agrees; what the person said."""
    said: list[bool] = []

    def ask(question: object) -> Callable[..., Result | None]:
        def command(
            _environment: object, _id: str, confirm: Callable[[Any], bool]
        ) -> Result | None:
            said.append(confirm(question))
            return RESULT if said[-1] else None

        return command

    monkeypatch.setattr("faxappeal.commands.verify_lookup.lookup", ask("It learns the number."))
    monkeypatch.setattr("faxappeal.commands.verify_call.call", ask(QUESTION))
    return said


@pytest.mark.parametrize("option", ["--lookup", "--call"])
@pytest.mark.parametrize(
    ("words", "terminal", "typed", "code", "said"),
    [
        (["--yes"], False, "", 0, [True]),
        ([], True, "y\n", 0, [True]),
        ([], True, "n\n", 0, [False]),
        ([], True, "", 130, []),
        ([], False, "y\n", 2, []),
    ],
    ids=["--yes", "a person agrees", "a person declines", "Ctrl-C", "without a terminal"],
)
def test_a_stranger_learns_a_number_only_if_a_person_agrees(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[bool],
    option: str,
    words: list[str],
    terminal: bool,
    typed: str,
    code: int,
    said: list[bool],
) -> None:
    if terminal:
        runner_at_terminal(monkeypatch)
    ended = run("verify", "one", option, "--json", *words, folder=write(tmp_path), typed=typed)
    assert (ended.code, asked) == (code, said)
    assert ('"answer": "fax"' in ended.out) is (said == [True])
    assert "last_verified: 2026-11-01" in (tmp_path / "recipients.yaml").read_text()
