"""How often an account is asked: less and less often about one letter, at its own pace, and not at
all while it wants to be left alone. What was asked stands in the ledger, for all who use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..ledger import Ledger
from ..ledger.rate_limits import Accounts
from ..providers.base import Channel, Unreachable

# a call takes 40 s and more, and limits like InterFAX' are six questions a minute
POLL = (5.0, 10.0, 15.0, 30.0)
_ASK_AGAIN = 30.0  # seconds, when an account cannot be reached


@dataclass
class Pace:
    """What the accounts have been asked."""

    ledger: Ledger
    clock: Clock

    @property
    def _accounts(self) -> Accounts:
        return Accounts(self.ledger)

    def question(self, channel: Channel) -> float | None:
        """Seconds until the account may be asked; None, and it is noted, when that is now."""
        now = self.clock.now()
        until = self._accounts.ask(channel.name, channel.pause, now)
        return (until - now).total_seconds() if until else None

    def poll(self, left_at: datetime | None) -> float:
        """Seconds until the next question about a letter that left then and is under way."""
        age = (self.clock.now() - left_at).total_seconds() if left_at else 0.0
        asked = 0.0
        for pause in POLL:
            asked += pause
            if age < asked:
                return pause
        return POLL[-1]

    def again(self, account: str, error: Unreachable) -> float:
        """Seconds until the next question to an account that did not answer one."""
        return max(_ASK_AGAIN, self.silence(account, error.rest).total_seconds())

    def silence(self, account: str, rest: timedelta | None) -> timedelta:
        """Leave an account alone for as long as it wants (429 with Retry-After)."""
        if rest is None:
            return timedelta(0)
        self._accounts.silence(account, self.clock.now() + rest)
        return rest
