"""How a result is shown: words or JSON, once or again and again, or a report for a CI system."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from faxappeal.commands.check import CheckResult
from faxappeal.commands.plan_rows import Row, StatusResult
from faxappeal.commands.purge import PurgeResult
from faxappeal.core.errors import ExitCode
from faxappeal.core.finding import Finding, Location
from faxappeal.core.lifecycle import Fate, State
from faxappeal.core.result import Problem, Result
from faxappeal.delivery.context import CampaignContext
from faxappeal.output import results
from faxappeal.output.check_formats import REPORTS
from faxappeal.output.console import Console
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING, FakeClock
from tests.support.shown import Terminal, row

PURGED = PurgeResult("28d", 1, 2, 0)


GONE = Problem("usage", "it is gone", "look again")


FOUND = Finding("list.yaml", Location(7, 10), "error", "stale", "verified 181 days ago")


def test_a_result_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    results.show(Console(), Result("purge", PURGED))
    assert capsys.readouterr() == ("1 letter scrubbed, 2 documents deleted.\n", "")


def test_what_went_wrong_is_shown_behind_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    results.show(Console(), Result("purge", PURGED, ExitCode.USAGE, (GONE, GONE)))
    out, err = capsys.readouterr()
    assert out.startswith("1 letter") and err == "Error: it is gone.\nHint: look again\n" * 2


def test_an_error_alone_needs_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    results.show(Console(), Result("no-such-command", {}, ExitCode.USAGE, (GONE,)))
    assert capsys.readouterr() == ("", "Error: it is gone.\nHint: look again\n")


def test_json_has_the_errors_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    results.show(Console(as_json=True), Result("purge", PURGED, ExitCode.USAGE, (GONE,)))
    out, err = capsys.readouterr()
    shown = json.loads(out)
    assert shown["command"] == "purge" and shown["data"]["letters"] == 1 and not err
    assert shown["errors"] == [{"code": "usage", "message": "it is gone", "hint": "look again"}]


@pytest.mark.parametrize("form", list(REPORTS))
def test_a_report_of_a_check(capsys: pytest.CaptureFixture[str], form: str) -> None:
    results.report(CheckResult((FOUND,), 1), form)
    assert capsys.readouterr().out == REPORTS[form]([FOUND], 1)


@pytest.mark.parametrize(("form", "is_written"), [("github", True), ("sarif", False)])
def test_github_gets_a_summary_below_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, is_written: bool
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    results.report(CheckResult((FOUND,), 1), form)
    text = summary.read_text()
    assert text.startswith("# before\n")
    assert ("| list.yaml:7:10 | error | stale |" in text) == is_written


def test_elsewhere_github_gets_no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    results.report(CheckResult((FOUND,), 1), "github")


@pytest.fixture
def standing(tmp_path: Path) -> Callable[[Row], Result]:
    """A status of one letter."""
    context = CampaignContext(loaded(write(tmp_path / "c")), None, MORNING)
    letters = context.letters()
    return lambda letter: Result("status", StatusResult(context, letters, (letter,)))


WAITS = row(Fate.WAITS, "office hours")


SENT = row(Fate.SENT, "delivered", State.DELIVERED)


def test_where_lines_stay_only_changes_are_shown(
    capsys: pytest.CaptureFixture[str], standing: Callable[[Row], Result]
) -> None:
    clock = FakeClock()
    with results.watching(Console(), clock) as show:
        for letter in (WAITS, WAITS, row(Fate.WAITS, "office hours", recipient_time=MORNING), SENT):
            show(standing(letter))
            clock.sleep(60)
    out = capsys.readouterr().out
    times = [line for line in out.splitlines() if line.startswith("09:")]
    assert times == ["09:00:00", "09:03:00"], "a clock that goes on is no change"
    assert out.count("waits: office hours") == 1 and out.endswith("The letter is sent.\n")


def test_on_a_terminal_each_look_takes_the_place_of_the_one_before(
    terminal: Terminal, standing: Callable[[Row], Result]
) -> None:
    with results.watching(Console(), FakeClock()) as show:
        show(standing(WAITS))
        show(standing(WAITS))
    first, second, *_ = re.finditer("looked at 09:00:00; Ctrl-C ends", terminal.raw)
    between = terminal.raw[first.end() : second.start()]
    assert between.count("\x1b[1A") == 4, "the cursor goes up by all lines"
