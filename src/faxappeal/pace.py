"""How often an account is asked: less and less often about one letter, at its own pace, and not at
all while it wants to be left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .channels import Channel, Unreachable
from .clock import Clock

# a call takes 40 s and more, and limits like InterFAX' are six questions a minute
POLL = (5.0, 10.0, 15.0, 30.0)
_ASK_AGAIN = 30.0  # seconds, when an account cannot be reached


@dataclass
class Pace:
    """What this run has asked its accounts."""

    clock: Clock
    _polls: dict[str, int] = field(default_factory=dict)  # of each letter
    _asked: dict[str, datetime] = field(default_factory=dict)  # each account, when last
    _silent: dict[str, datetime] = field(default_factory=dict)  # each that wants it, until when

    def question(self, channel: Channel) -> float | None:
        """Seconds until the account may be asked; None, and it is noted, when that is now."""
        now = self.clock.now()
        last = self._asked.get(channel.name, now - channel.pause)
        until = max(last + channel.pause, self.silent_until(channel.name, now))
        if now < until:
            return (until - now).total_seconds()
        self._asked[channel.name] = now
        return None

    def poll(self, letter: str) -> float:
        """Seconds until the next question about a letter that is under way."""
        asked = self._polls.get(letter, 0)
        self._polls[letter] = asked + 1
        return POLL[min(asked, len(POLL) - 1)]

    def again(self, account: str, error: Unreachable) -> float:
        """Seconds until the next question to an account that did not answer one."""
        return max(_ASK_AGAIN, self.silence(account, error.rest).total_seconds())

    def silence(self, account: str, rest: timedelta | None) -> timedelta:
        """Leave an account alone for as long as it wants (429 with Retry-After)."""
        if rest is None:
            return timedelta(0)
        self._silent[account] = self.clock.now() + rest
        return rest

    def silent_until(self, account: str, now: datetime) -> datetime:
        """When the account may be bothered again; `now` where it may be."""
        return max(now, self._silent.get(account, now))
