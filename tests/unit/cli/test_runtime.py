"""How commands begin and end: questions, exit codes, and errors as one sentence and a hint."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer

from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.cli import runtime
from faxappeal.cli.runtime import Runtime
from faxappeal.commands.check import CheckResult
from faxappeal.commands.run import Run
from faxappeal.commands.verify_call import Question
from faxappeal.core.clock import SystemClock
from faxappeal.core.errors import ExitCode, FaxappealError, SetupError, UsageError
from faxappeal.core.finding import Finding, InvalidCampaign, Location
from faxappeal.core.result import Problem, Result
from faxappeal.output.console import Console
from faxappeal.workers.timing import Timing
from tests.support.campaigns import run
from tests.support.clock import FakeClock
from tests.support.keyboard import at_keyboard, without_terminal
from tests.support.renderer import InProcess

QUESTION = Question("one", "+1 202 555 0101", datetime(2026, 11, 24, 10, 5))
PURGED = {"spring": 2, "autumn": 1}


def run_with(faxes: int) -> Run:
    """A run that was interrupted, with so many faxes that can be cancelled."""
    return cast(Run, SimpleNamespace(withdrawable=[object()] * faxes))


# -- questions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "typed", "agreed"),
    [
        (1, "y", True),
        (1, "n", False),
        (1, "", False),
        (20, "yes", True),
        (21, "y", False),
        (21, "yes", False),
        (21, "", False),
        (21, "20", False),
        (21, "21", True),
        (21, " 21 ", True),
    ],
    ids=[
        *("yes", "no", "enter means no", "yes for twenty"),
        *("y is not enough for many", "nor is yes", "nor is enter", "another number"),
        *("the number of letters", "with blanks around"),
    ],
)
def test_letters_go_when_a_person_says_so(
    monkeypatch: pytest.MonkeyPatch, count: int, typed: str, agreed: bool
) -> None:
    at_keyboard(monkeypatch, typed)
    assert runtime.confirm_send(count) is agreed


@pytest.mark.parametrize(
    ("count", "asked"),
    [
        (1, "Send 1 letter? [y/N]"),
        (2, "Send 2 letters? [y/N]"),
        (21, "21 letters: is each of these desks responsible? This is no tool for mass faxes."),
        (21, "Send 21 letters? Type 21 to send"),
    ],
)
def test_the_question_says_how_many_letters_would_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: int, asked: str
) -> None:
    at_keyboard(monkeypatch, "n")
    runtime.confirm_send(count)
    assert asked in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ask", "words", "hint"),
    [
        (lambda: runtime.confirm_send(1), "nobody is here to be asked", "--dry-run"),
        (lambda: runtime.confirm_send(21), "nobody is here to be asked", "add --yes"),
        (lambda: runtime.confirm_call(QUESTION), "nobody is here to be asked", "add --yes, if"),
        (
            lambda: runtime.confirm_disclosure("Twilio learns the number."),
            "twilio learns the number",
            "if that is right, add --yes",
        ),
    ],
    ids=["a letter", "many letters", "a call", "a lookup"],
)
def test_without_a_terminal_a_yes_has_to_be_given_before(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], bool], words: str, hint: str
) -> None:
    without_terminal(monkeypatch)
    with pytest.raises(UsageError) as refused:
        ask()
    assert refused.value.message.startswith(words) and not refused.value.message.endswith(".")
    assert hint in refused.value.hint


@pytest.mark.parametrize(("typed", "agreed"), [("y", True), ("n", False), ("", False)])
@pytest.mark.parametrize(
    ("ask", "shown"),
    [
        (
            lambda: runtime.confirm_disclosure("Twilio learns the number."),
            ["Twilio learns the number.", "Ask it?"],
        ),
        (
            lambda: runtime.confirm_call(QUESTION),
            ["+1 202 555 0101 of one is called once", "It is Tue 10:05 there.", "Call it?"],
        ),
        (
            lambda: runtime.confirm_purge(PURGED),
            ["   2  spring\n   1  autumn\n", "Forget 3 letters?"],
        ),
        (lambda: runtime.confirm_purge({"spring": 1}), ["Forget 1 letter?"]),
        (
            lambda: runtime.confirm_cancel(run_with(1)),
            ["1 fax is under way, and will be sent", "Stop also these?"],
        ),
        (lambda: runtime.confirm_cancel(run_with(2)), ["2 faxes are under way"]),
    ],
    ids=["a lookup", "a call", "a purge", "a purge of one", "a fax on the line", "two faxes"],
)
def test_a_question_says_what_would_happen_and_enter_means_no(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ask: Callable[[], bool],
    shown: list[str],
    typed: str,
    agreed: bool,
) -> None:
    at_keyboard(monkeypatch, typed)
    assert ask() is agreed
    out = capsys.readouterr().out
    assert [words for words in shown if words not in out] == []


def test_a_name_in_a_question_is_shown_escaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_keyboard(monkeypatch, "n", "n")
    runtime.confirm_purge({"spring\x1b[2J": 1})
    runtime.confirm_call(Question("one\x1b[2J", "\x07+1 202 555 0101", QUESTION.recipient_time))
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x07" not in out


def test_a_purge_of_nothing_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = at_keyboard(monkeypatch, "n")
    assert runtime.confirm_purge({}) is True
    assert keyboard.left == 1


@pytest.mark.parametrize(
    ("faxes", "terminal", "typed"),
    [(0, True, "y"), (2, False, "y"), (2, True, KeyboardInterrupt()), (2, True, EOFError())],
    ids=[
        "nothing is on the line",
        "without a terminal",
        "Ctrl-C once more",
        "the terminal is gone",
    ],
)
def test_a_fax_on_the_line_goes_on_unless_a_person_stops_it(
    monkeypatch: pytest.MonkeyPatch, faxes: int, terminal: bool, typed: str | BaseException
) -> None:
    if terminal:
        at_keyboard(monkeypatch, typed)
    else:
        without_terminal(monkeypatch)
    assert runtime.confirm_cancel(run_with(faxes)) is False


# -- a day -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [(None, None), ("2026-11-24", date(2026, 11, 24)), ("2024-02-29", date(2024, 2, 29))],
)
def test_a_day_is_read(written: str | None, expected: date | None) -> None:
    assert runtime.day(written) == expected


@pytest.mark.parametrize("written", ["", "yesterday", "24.11.2026", "2026-02-29", "2026-11"])
def test_what_is_no_day_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(UsageError, match="is no day") as refused:
        runtime.day(written)
    assert refused.value.hint == "write it as 2026-11-24"


# -- how a command ends ----------------------------------------------------------------------------

FINDING = Finding("recipients.yaml", Location(7, 10), "error", "fax-number", "no number", "add +1")


def ended(command: Callable[[Console], None], *, as_json: bool = False) -> int:
    """The exit code of a command with this body."""
    with (
        pytest.raises(typer.Exit) as left,
        runtime.errors("log", as_json, plain=True) as console,
    ):
        command(console)
    return left.value.exit_code


def raising(error: BaseException) -> Callable[[Console], None]:
    def body(_console: Console) -> None:
        raise error

    return body


FAILURES = [
    (UsageError("no such folder", "go there"), 2, "usage", "no such folder", "go there"),
    (SetupError("the disk is full", "make room"), 5, "setup", "the disk is full", "make room"),
    (FaxappealError("not so"), 2, "usage", "not so", ""),
    (
        InvalidCampaign([FINDING]),
        1,
        "fax-number",
        "recipients.yaml:7:10: no number",
        "add +1",
    ),
]
FAILURE_IDS = ["used wrongly", "not ready", "without a hint", "findings"]


@pytest.mark.parametrize(("error", "code", "name", "words", "hint"), FAILURES, ids=FAILURE_IDS)
def test_an_error_is_one_sentence_and_a_hint_on_standard_error(
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    name: str,
    words: str,
    hint: str,
) -> None:
    assert ended(raising(error)) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"Error: {words}.\n" + (f"Hint: {hint}\n" if hint else "")


@pytest.mark.parametrize(("error", "code", "name", "words", "hint"), FAILURES, ids=FAILURE_IDS)
def test_for_a_script_an_error_is_an_object_on_standard_output(
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    name: str,
    words: str,
    hint: str,
) -> None:
    assert ended(raising(error), as_json=True) == code
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {
        "faxappeal": 1,
        "command": "log",
        "status": "error",
        "data": {},
        "errors": [{"code": name, "message": words, "hint": hint}],
    }
    assert shown.err == ""


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), typer.Abort()], ids=["in a command", "at a question"]
)
def test_ctrl_c_ends_with_130_and_says_nothing(
    capsys: pytest.CaptureFixture[str], error: BaseException, as_json: bool
) -> None:
    assert ended(raising(error), as_json=as_json) == 130
    assert capsys.readouterr() == ("", "")


def test_a_mistake_of_ours_is_left_to_the_program() -> None:
    with pytest.raises(ZeroDivisionError), runtime.errors("log", False, False):
        raise ZeroDivisionError


def test_what_a_person_declined_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda console: runtime.end(console, None)) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("code", list(ExitCode))
def test_a_command_leaves_with_the_exit_code_of_its_result(code: ExitCode) -> None:
    assert ended(lambda console: runtime.end(console, Result("log", exit_code=code))) == code


def test_a_result_is_shown_and_its_problems_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    checked = CheckResult((), 3)
    result = Result("check", checked, ExitCode.SETUP, (Problem("setup", "no line", "wait"),))
    assert ended(lambda console: runtime.end(console, result)) == 5
    shown = capsys.readouterr()
    assert shown.out == "3 recipients checked: 0 errors, 0 warnings.\n"
    assert shown.err == "Error: no line.\nHint: wait\n"


@pytest.mark.parametrize(
    ("report", "begins"),
    [
        ("github", "::error file=recipients.yaml"),
        ("gitlab", "[\n"),
        ("sarif", "{\n"),
        ("junit", "<?xml"),
        ("text", "recipients.yaml:7:10: error fax-number"),
        ("auto", "recipients.yaml:7:10: error fax-number"),
        ("", "recipients.yaml:7:10: error fax-number"),
    ],
)
def test_findings_are_written_for_whom_they_are_meant(
    capsys: pytest.CaptureFixture[str], report: str, begins: str
) -> None:
    result = Result("check", CheckResult((FINDING,), 1), ExitCode.FINDINGS)
    assert ended(lambda console: runtime.end(console, result, report)) == 1
    assert begins in capsys.readouterr().out[:200]


@pytest.mark.parametrize("report", ["github", "gitlab", "sarif", "junit"])
def test_a_check_that_could_not_be_made_is_no_report_without_findings(
    capsys: pytest.CaptureFixture[str], report: str
) -> None:
    result = Result("check", {}, ExitCode.SETUP, (Problem("setup", "the DNS is silent"),))
    assert ended(lambda console: runtime.end(console, result, report)) == 5
    assert capsys.readouterr() == ("", "Error: the DNS is silent.\n")


# -- what no command expects -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_full_disk_behind_standard_output_is_said(number: int) -> None:
    problem = runtime.unforeseen(OSError(number, "No space left on device"))
    assert problem.code == "setup"
    assert problem.message == "the output cannot be written: No space left on device"
    assert "nothing is sent twice" in problem.hint


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("hunter2"),
        OSError(errno.ENOSPC, "full", "/home/hunter2"),
        OSError(errno.EACCES, "hunter2"),
    ],
    ids=["a mistake", "a file of ours", "another trouble"],
)
def test_of_a_mistake_of_ours_only_its_kind_and_place_are_shown(error: Exception) -> None:
    try:
        raise error
    except Exception as caught:
        problem = runtime.unforeseen(caught)
    assert problem.code == "bug"
    name = type(error).__name__
    assert problem.message.startswith(f"faxappeal made a mistake: {name} at test_runtime.py:")
    assert "hunter2" not in problem.message + problem.hint


# -- options that do not exist ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "option", ["--smtp-password", "--secret", "--api-token", "--key", "--passphrase"]
)
def test_an_option_for_a_secret_is_answered_with_where_secrets_go(option: str) -> None:  # K04
    ended = run("send", option, "hunter2")
    assert ended.code == 2
    assert f"No such option: {option}" in ended.err
    assert ".env" in ended.err and "keyring" in ended.err
    assert "hunter2" not in ended.out + ended.err


def test_another_unknown_option_gets_no_advice_about_secrets() -> None:
    ended = run("send", "--fast")
    assert ended.code == 2
    assert "No such option: --fast" in ended.err and ".env" not in ended.err


# -- what a command runs in ------------------------------------------------------------------------


class Starting(InProcess):
    """A process for templates that says whether it was started."""

    started = False

    def start(self) -> None:
        self.started = True


def context_of(given: Runtime) -> typer.Context:
    return cast(typer.Context, SimpleNamespace(obj=given))


@pytest.mark.parametrize(("given", "started"), [({}, True), ({"start": False}, False)])
def test_the_process_for_templates_starts_early_where_a_letter_is_read(
    given: dict[str, Any], started: bool
) -> None:
    clock, timing, process = FakeClock(), Timing(poll=1.0), Starting()
    ctx = context_of(Runtime(clock, lambda: process, timing))
    environment = runtime.environment_of(ctx, **given)
    assert environment.folder == Path()
    assert (environment.clock, environment.timing) == (clock, timing)
    assert environment.template_process is process and process.started is started


def test_by_itself_the_program_has_the_system_s_clock_and_a_process_not_yet_started() -> None:
    given = Runtime()
    assert isinstance(given.clock, SystemClock) and given.timing is None
    assert type(given.template_process()) is TemplateProcess


@pytest.mark.parametrize(("as_json", "plain"), [(True, False), (False, True)])
def test_the_screen_is_as_the_options_want_it(as_json: bool, plain: bool) -> None:
    console = runtime.open_console(as_json, plain)
    assert (console.as_json, console.plain) == (as_json, plain)
