"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..clock import Clock
from ..errors import SetupError
from ..press import Press
from ..queue import Nobody
from ..result import Problem, Result
from .planning import Choice, prepare
from .send import Run, exit_code


def status(folder: Path, clock: Clock, press: Press, *, offline: bool = False) -> Result:
    """How each delivery stands. `offline` asks nobody and needs no secret."""
    problems: tuple[Problem, ...] = ()
    if not offline:
        problems = _ask(folder, clock, press)
    with prepare(folder, clock, press, Choice(), dry_run=True, looks=True) as plan:
        code = exit_code(plan.rows)
        return Result("status", replace(plan, dry_run=False), code, problems)


def _ask(folder: Path, clock: Clock, press: Press) -> tuple[Problem, ...]:
    """Bring the ledger up to date, where anything is under way; what hindered it otherwise."""
    with prepare(folder, clock, press, Choice(), dry_run=True, looks=True) as plan:
        if not any(row.fate == "under way" for row in plan.rows):
            return ()
    try:
        with prepare(folder, clock, press, Choice(), dry_run=False, looks=True) as plan:
            run = Run(plan, clock, Choice(), Nobody())
            run.follow()
            stopped = run.dispatcher.stopped
    except SetupError as error:
        stopped = error
    return (Problem(stopped.code, stopped.message, stopped.hint),) if stopped else ()
