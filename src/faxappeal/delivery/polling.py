"""How often an account is asked: less and less often about one letter, at its own pace, and not at
all while it wants to be left alone. What was asked stands in the ledger, for all who use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from ..core.clock import Clock
from ..ledger import Ledger
from ..ledger.rate_limits import RateLimits
from ..providers.base import Channel, Unreachable

# a call takes 40 s and more, and limits like InterFAX' are six questions a minute
POLL = (5.0, 10.0, 15.0, 30.0)
_ASK_AGAIN = 30.0  # seconds, when an account cannot be reached


@dataclass
class PollSchedule:
    """What the accounts have been asked."""

    ledger: Ledger
    clock: Clock

    def question(self, channel: Channel) -> float | None:
        """Seconds until the account may be asked; None, and it is noted, when that is now."""
        now = self.clock.now()
        until = RateLimits(self.ledger).ask(channel.name, channel.poll_interval, now)
        return (until - now).total_seconds() if until else None

    def poll(self, left_at: datetime | None) -> float:
        """Seconds until the next question about a letter that left then and has no outcome yet."""
        age = (self.clock.now() - left_at).total_seconds() if left_at else 0.0
        questions = zip(POLL, accumulate(POLL), strict=True)
        return next((interval for interval, asked in questions if age < asked), POLL[-1])

    def again(self, account: str, error: Unreachable) -> float:
        """Seconds until the next question to an account that did not answer one."""
        return max(_ASK_AGAIN, self.silence(account, error.retry_after).total_seconds())

    def silence(self, account: str, retry_after: timedelta | None) -> timedelta:
        """Leave an account alone for as long as it wants (429 with Retry-After)."""
        if retry_after is None:
            return timedelta(0)
        RateLimits(self.ledger).silence(account, self.clock.now() + retry_after)
        return retry_after
