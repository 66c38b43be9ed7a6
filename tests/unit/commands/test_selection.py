"""Which letters a command is about, and how to go on with the same ones."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from faxappeal.commands.selection import Choice
from faxappeal.core.lifecycle import State
from tests.support import shown


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(), "the same command goes on"),
        (Choice(only=("one",)), "the same command goes on"),
        (Choice(again=True), "the same command without --again goes on"),
        (Choice(only_failed=True), "the same command without --only-failed goes on"),
        (Choice(to_me=True), "the same command goes on"),
        (Choice(to_me=True, again=True), "the same command goes on"),
    ],
)
def test_how_to_go_on_never_sends_more_than_was_asked_for(choice: Choice, said: str) -> None:
    """Above all: after a rehearsal, plain `send` would be no rehearsal."""
    assert f"the same command{choice.without} goes on" == said


@pytest.mark.parametrize(
    ("choice", "whole"),
    [
        pytest.param(Choice(), True, id="all letters"),
        pytest.param(Choice(again=True), True, id="all letters once more"),
        pytest.param(Choice(accepted=("one",), reason="called"), True, id="one doubtful contact"),
        pytest.param(Choice(only=("one",)), False, id="one recipient"),
        pytest.param(Choice(channel="fax"), False, id="one channel"),
        pytest.param(Choice(only_failed=True), False, id="what failed"),
        pytest.param(Choice(to_me=True), False, id="test letters"),
    ],
)
def test_a_choice_of_some_letters_is_not_the_whole_campaign(choice: Choice, whole: bool) -> None:
    assert choice.is_whole is whole


PLANNED, HELD, WAITING = State.PLANNED, State.HELD, State.WAITING
DELIVERED, FAILED = State.DELIVERED, State.FAILED


@pytest.mark.parametrize(
    ("states", "state", "may"),
    [
        pytest.param([], None, True, id="no state asked for"),
        pytest.param([PLANNED], None, True, id="not in the ledger yet"),
        pytest.param([HELD], None, True, id="not in the ledger, and held perhaps"),
        pytest.param([DELIVERED], None, False, id="not in the ledger, so not delivered"),
        pytest.param([DELIVERED], DELIVERED, True, id="delivered"),
        pytest.param([FAILED], DELIVERED, False, id="delivered, so not failed"),
        pytest.param([PLANNED], HELD, True, id="held before, and free by now perhaps"),
        pytest.param([HELD], WAITING, True, id="it waited, and is held by now perhaps"),
        pytest.param([HELD], DELIVERED, False, id="delivered, so not held"),
        pytest.param([FAILED, DELIVERED], FAILED, True, id="one of several states"),
    ],
)
def test_a_letter_is_looked_at_if_it_may_be_in_a_state_that_was_asked_for(
    states: list[State], state: State | None, may: bool
) -> None:
    record = shown.record(state) if state else None
    assert Choice(states=frozenset(states)).may_have(record) is may


# -- the line for crontab ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        pytest.param(Choice(), "", id="all"),
        pytest.param(Choice(only=("one", "two")), "--to one --to two", id="two recipients"),
        pytest.param(Choice(channel="email"), "--channel email", id="a channel"),
        pytest.param(
            Choice(accepted=("one",), reason="they said so"),
            "--accept-unverified one --reason 'they said so'",
            id="a doubtful contact",
        ),
        pytest.param(Choice(reason="for nothing"), "", id="a reason for nothing"),
        pytest.param(Choice(again=True), "", id="no new round each ten minutes"),
        pytest.param(Choice(only_failed=True), "", id="no new tries each ten minutes"),
    ],
)
def test_the_line_for_cron_keeps_the_choice_and_begins_no_round(
    choice: Choice, words: str, tmp_path: Path
) -> None:
    line = choice.cron_line(tmp_path)
    assert line.startswith("*/10 * * * *  ")
    assert line.partition(" send ")[2] == f"--yes --no-wait {words}".strip()


@pytest.mark.parametrize(
    ("program", "named"),
    [
        ("/opt/venv/bin/faxappeal", "/opt/venv/bin/faxappeal"),
        ("/usr/lib/python3/pytest/__main__.py", "faxappeal"),
    ],
)
def test_cron_finds_the_program_though_its_path_is_short(
    program: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [program])
    command = shlex.split(Choice().cron_line(tmp_path).removeprefix("*/10 * * * *  "))
    assert command[:3] == [named, "-C", str(tmp_path.resolve())]


def test_a_percent_sign_is_no_line_break_for_cron(tmp_path: Path) -> None:
    folder = tmp_path / "a 100% appeal"
    folder.mkdir()
    assert rf"'{tmp_path.resolve()}/a 100\% appeal'" in Choice().cron_line(folder)
