"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..clock import Clock
from ..errors import SetupError, UsageError
from ..evidence import is_open
from ..ledger.opening import Busy
from ..press import Press
from ..queue import Nobody
from ..result import Problem, Result, problem_of
from .planning import Choice, Plan, prepare
from .send import Run, exit_code

if TYPE_CHECKING:
    from ..channels.receipts import Odd

_EVERY = 10.0  # seconds between two looks: as often as InterFAX wants to be asked
_OPEN = frozenset({"under way", "waits", "goes"})


def status(folder: Path, clock: Clock, press: Press, *, offline: bool = False) -> Result:
    """How each delivery stands. `offline` asks nobody and needs no secret."""
    heard = Heard() if offline else _ask(folder, clock, press)
    with prepare(folder, clock, press, Choice(), dry_run=True, looks=True) as plan:
        code = exit_code(plan.rows)
        plan = replace(plan, dry_run=False, mail=heard.odd)
        return Result("status", plan, code, heard.problems)


def watch(folder: Path, clock: Clock, press: Press, *, offline: bool = False) -> Iterator[Result]:
    """The status again and again, until there is nothing more to come."""
    while True:
        result = status(folder, clock, press, offline=offline)
        yield result
        if not any(row.fate in _OPEN for row in result.data.rows):
            return
        clock.sleep(_EVERY)


@dataclass(frozen=True)
class Heard:
    """What the accounts said that is no letter's state."""

    problems: tuple[Problem, ...] = ()
    odd: tuple[Odd, ...] = ()  # e-mails for a person to look at


def _ask(folder: Path, clock: Clock, press: Press) -> Heard:
    """Bring the ledger up to date, where anything is under way; what hindered it otherwise. A
    rehearsal is no letter of the status, but it may be on the line."""
    heard = _ask_about(folder, clock, press, Choice())
    with suppress(UsageError):  # no fax of one's own
        rehearsal = _ask_about(folder, clock, press, Choice(to_me=True))
        heard = replace(heard, problems=tuple(dict.fromkeys(heard.problems + rehearsal.problems)))
    return heard


def _ask_about(folder: Path, clock: Clock, press: Press, choice: Choice) -> Heard:
    with prepare(folder, clock, press, choice, dry_run=True, looks=True) as plan:
        if not _has_questions(plan, clock):
            return Heard()
    try:
        with prepare(folder, clock, press, choice, dry_run=False, looks=True) as plan:
            run = Run(plan, clock, choice, Nobody())
            run.follow()
            errors: tuple[SetupError | None, ...] = (run.dispatcher.stopped, run.unread)
    except Busy:
        return Heard()  # whoever is sending asks, and writes down what it hears
    except SetupError as error:
        return Heard((problem_of(error),))
    return Heard(tuple(problem_of(error) for error in errors if error), run.odd)


def _has_questions(plan: Plan, clock: Clock) -> bool:
    reads = plan.office.campaign.settings.email.imap is not None
    return any(
        row.fate == "under way" or (reads and is_open(row.record, clock.now())) for row in plan.rows
    )
