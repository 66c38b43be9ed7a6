"""Letters on their way, for somebody who looks on: a line for each change, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from faxappeal.core.lifecycle import Cause, State, WaitReason
from faxappeal.core.result import Result
from faxappeal.ledger import Record
from faxappeal.output.console import Console
from faxappeal.output.phrases import Part
from faxappeal.output.progress import Progress, in_place
from tests.support.clock import MORNING, FakeClock
from tests.support.shown import Terminal, delivery, record

LETTER = delivery()
CRON = "*/10 * * * *  faxappeal send --yes --no-wait"


def progress(*, as_json: bool = False, later: str = CRON) -> Progress:
    return Progress(Console(as_json=as_json), FakeClock(), later)


def texts(lines: Sequence[Sequence[Part]]) -> list[str]:
    return ["".join(p if isinstance(p, str) else p[0] for p in line) for line in lines]


# -- a line for each change ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "line"),
    [
        pytest.param(record(State.DELIVERED), "delivered", id="delivered"),
        pytest.param(record(State.FAILED, cause=Cause.BUSY), "failed (busy)", id="with its cause"),
        pytest.param(
            record(State.FAILED, cause=Cause.REFUSED, note="550 no\x1b"),
            "failed (refused): 550 no\\u001b",
            id="with what the far end said",
        ),
        pytest.param(
            record(State.FAILED, cause=Cause.BUSY, note="busy"), "failed (busy)", id="said once"
        ),
        pytest.param(
            record(State.WAITING, cause=Cause.BUSY, note=WaitReason.RETRY),
            "waiting (busy)",
            id="a retry",
        ),
        pytest.param(
            record(State.WAITING, cause=Cause.BUSY, next_at=MORNING + timedelta(hours=5)),
            "waiting (busy) until Tue 08:00 there, Tue 14:00 here",
            id="until when",
        ),
        pytest.param(
            record(State.WAITING, cause=Cause.ACCOUNT, note="no balance"),
            "waiting (account): the run stops",
            id="an account in the way",
        ),
    ],
)
def test_a_change_is_a_line(capsys: pytest.CaptureFixture[str], known: Record, line: str) -> None:
    progress().changed(LETTER, known)
    assert capsys.readouterr().out == f"09:00:00  one  fax  {line}\n"


def test_a_letter_that_still_waits_is_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress()
    for note in ("office hours", "office hours", "retry"):
        shown.changed(LETTER, record(State.WAITING, note=note))
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_second_outcome_of_the_same_words_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress()
    for _ in range(2):
        shown.changed(LETTER, record(State.ACCEPTED))
    assert len(capsys.readouterr().out.splitlines()) == 2


# -- a long wait -----------------------------------------------------------------------------------


def test_a_long_wait_is_said_once_and_the_line_for_cron_at_the_first_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress()
    for hours in (5, 5, 6):
        shown.rests([(MORNING + timedelta(hours=hours), LETTER)] * 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Nothing can go before Tue 08:00 there, Tue 14:00 here: 2 letters to go."
    assert lines[2] == f"    {CRON}"
    assert lines[3:] == ["Nothing can go before Tue 09:00 there, Tue 15:00 here: 2 letters to go."]


def test_a_wait_of_minutes_is_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress().rests([(MORNING + timedelta(minutes=9), LETTER)])
    assert capsys.readouterr().out == ""


def test_what_cannot_be_left_to_cron_has_no_line_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress(later="").rests([(MORNING + timedelta(hours=5), LETTER)])
    assert capsys.readouterr().out.endswith("1 letter to go.\n")


def test_json_is_not_mixed_with_words(capfd: pytest.CaptureFixture[str]) -> None:
    with progress(as_json=True) as shown:
        shown.goes(LETTER)
        shown.changed(LETTER, record(State.ACCEPTED))
        shown.rests([(MORNING + timedelta(hours=5), LETTER)])
        shown.stops()
    assert capfd.readouterr() == ("", "")


def test_a_wish_to_stop_is_answered_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with progress() as shown:
        shown.stops()
    assert capfd.readouterr() == ("", "Stopping after this step.\n")


# -- what is written over --------------------------------------------------------------------------


def test_a_terminal_shows_what_goes_and_what_waits() -> None:
    shown = progress()
    letters = [delivery(f"office-{n}", id=f"{n}" * 12) for n in range(7)]
    shown.goes(letters[0])
    assert texts(shown.lines())[0].startswith("now  office-0  fax  is ")
    waiting = [(MORNING + timedelta(minutes=n), letter) for n, letter in enumerate(letters, 5)]
    shown.rests(waiting)
    lines = texts(shown.lines())
    assert lines[0] == "     office-0  fax  waits until Tue 03:05 there, Tue 09:05 here"
    assert lines[4] == "     and 3 more" and "Ctrl-C" in lines[5]
    assert all(len(line) <= 80 for line in lines)
    assert "stopping" not in lines[5]
    shown.console.as_json = True
    shown.stops()
    assert "stopping after this step" in texts(shown.lines())[-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.PLANNED, State.ACCEPTED),
        (State.WAITING, State.ACCEPTED),
        (State.ACCEPTED, State.FAILED),
    ],
)
def test_what_is_done_with_a_letter_follows_its_state(
    capsys: pytest.CaptureFixture[str], before: State, after: State
) -> None:
    shown, said = progress(), []
    for state in (before, after):
        shown.changed(LETTER, record(state))
        shown.goes(LETTER)
        said.append(texts(shown.lines())[0])
    assert said[0] != said[1] and all(line.startswith("now  one  fax  is ") for line in said)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(seconds=5), "5 s"),
        (timedelta(seconds=89), "89 s"),
        (timedelta(seconds=90), "2 min"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(seconds=-5), "0 s"),
    ],
    ids=str,
)
def test_an_account_is_asked_again_after_a_while(
    capsys: pytest.CaptureFixture[str], left: timedelta, said: str
) -> None:
    shown = progress()
    shown.changed(LETTER, record(State.ACCEPTED))
    shown.rests([(MORNING + left, LETTER)])
    assert texts(shown.lines())[0].endswith(f"; asked again in {said}")


def test_a_live_screen_has_the_lines_and_is_empty_at_the_end(terminal: Terminal) -> None:
    with progress() as shown:
        shown.goes(LETTER)
        shown.changed(LETTER, record(State.ACCEPTED))
        shown.stops()
    assert "now  one  fax  is " in terminal.shown and "stopping after this step" in terminal.shown
    assert "09:00:00  one  fax  accepted" in terminal.shown
    assert "Stopping" not in terminal.errors, "the live lines say so"
    assert terminal.raw.endswith("\x1b[1A\x1b[2K" * 2), "both lines are wiped"


def test_a_long_live_line_fits_the_terminal(terminal: Terminal) -> None:
    with progress() as shown:
        shown.goes(delivery("x" * 100))
    lines = terminal.shown.splitlines()
    assert max(map(len, lines)) == 80 and sum(line.count("x") for line in lines) >= 100


def test_one_result_takes_the_place_of_the_other(terminal: Terminal) -> None:
    console = Console()

    def show(console: Console, result: Result) -> None:
        console.line(f"the letter {result.data}")

    with in_place(console, FakeClock(), show) as show_result:
        show_result(Result("status", "waits"))
        show_result(Result("status", "is sent"))
    first, second = terminal.raw.index("waits"), terminal.raw.index("is sent")
    assert "\x1b[1A" in terminal.raw[first:second], "the cursor goes up again"
    assert terminal.shown.rstrip().endswith("looked at 09:00:00; Ctrl-C ends")
