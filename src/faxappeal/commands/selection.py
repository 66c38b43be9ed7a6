"""Which letters a command is about, and what is to be done with them."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from ..campaign.contact import Channel
from ..core.lifecycle import OPEN, State
from ..ledger import Record

_OPEN = frozenset(OPEN)  # which of them it is depends on today


@dataclass(frozen=True)
class Choice:
    """What the user chose on the command line."""

    only: tuple[str, ...] = ()
    channel: Channel | None = None
    accepted: tuple[str, ...] = ()
    reason: str | None = None
    again: bool = False
    only_failed: bool = False
    to_me: bool = False
    states: frozenset[State] = frozenset()  # only these are looked at

    def may_have(self, record: Record | None) -> bool:
        """Whether a delivery may be in one of the chosen states, before its letter is written."""
        state = record.state if record else State.PLANNED
        return not self.states or bool(self.states & ({state} if state not in _OPEN else _OPEN))

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the campaign."""
        return not (self.only or self.channel or self.only_failed or self.to_me)

    @property
    def words(self) -> list[str]:
        """The same choice for the runs that go on with it."""
        words = [word for id in self.only for word in ("--to", id)]
        words += ["--channel", self.channel] if self.channel else []
        words += [word for id in self.accepted for word in ("--accept-unverified", id)]
        words += ["--reason", self.reason] if self.reason and self.accepted else []
        return words

    def cron_line(self, folder: Path) -> str:
        """A line for crontab(5) that goes on with what waits, every ten minutes.

        Cron has a short PATH, and takes a % for a line break.
        """
        program = Path(sys.argv[0])
        name = str(program.absolute()) if program.stem == "faxappeal" else "faxappeal"
        words = [name, "-C", str(folder.resolve()), "send", "--yes", "--no-wait", *self.words]
        return f"*/10 * * * *  {shlex.join(words)}".replace("%", r"\%")

    @property
    def without(self) -> str:
        """What to leave out of the command to go on with it: a new round is begun but once."""
        if self.to_me:
            return ""
        return " without --only-failed" if self.only_failed else " without --again" * self.again
