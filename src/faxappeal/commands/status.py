"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..clock import Clock
from ..errors import SetupError, UsageError
from ..ledger.opening import Busy
from ..press import Press
from ..queue import Nobody
from ..result import Problem, Result
from .planning import Choice, prepare
from .send import Run, exit_code

_EVERY = 10.0  # seconds between two looks: as often as InterFAX wants to be asked
_OPEN = frozenset({"under way", "waits", "goes"})


def status(folder: Path, clock: Clock, press: Press, *, offline: bool = False) -> Result:
    """How each delivery stands. `offline` asks nobody and needs no secret."""
    problems: tuple[Problem, ...] = ()
    if not offline:
        problems = _ask(folder, clock, press)
    with prepare(folder, clock, press, Choice(), dry_run=True, looks=True) as plan:
        code = exit_code(plan.rows)
        return Result("status", replace(plan, dry_run=False), code, problems)


def watch(folder: Path, clock: Clock, press: Press, *, offline: bool = False) -> Iterator[Result]:
    """The status again and again, until there is nothing more to come."""
    while True:
        result = status(folder, clock, press, offline=offline)
        yield result
        if not any(row.fate in _OPEN for row in result.data.rows):
            return
        clock.sleep(_EVERY)


def _ask(folder: Path, clock: Clock, press: Press) -> tuple[Problem, ...]:
    """Bring the ledger up to date, where anything is under way; what hindered it otherwise. A
    rehearsal is no letter of the status, but it may be on the line."""
    problems = _ask_about(folder, clock, press, Choice())
    with suppress(UsageError):  # no fax of one's own
        problems += _ask_about(folder, clock, press, Choice(to_me=True))
    return problems


def _ask_about(folder: Path, clock: Clock, press: Press, choice: Choice) -> tuple[Problem, ...]:
    with prepare(folder, clock, press, choice, dry_run=True, looks=True) as plan:
        if not any(row.fate == "under way" for row in plan.rows):
            return ()
    try:
        with prepare(folder, clock, press, choice, dry_run=False, looks=True) as plan:
            run = Run(plan, clock, choice, Nobody())
            run.follow()
            stopped = run.dispatcher.stopped
    except Busy:
        return ()  # whoever is sending asks, and writes down what it hears
    except SetupError as error:
        stopped = error
    return (Problem(stopped.code, stopped.message, stopped.hint),) if stopped else ()
