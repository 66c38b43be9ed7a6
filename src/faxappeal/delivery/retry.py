"""When to try again, by cause: data with its sources, and the arithmetic of waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.lifecycle import Cause, HoldReason

GROWTH = 1.9  # WriteToThem's queue: each wait is 1.9 times the last
CEILING = timedelta(hours=24)
# 47 CFR 68.318(b)(1): two successive attempts, then 60 minutes. Our ceiling for calls of all kinds.
AFTER_TWO = timedelta(minutes=60)
JITTER = 0.1  # so that letters that failed together do not all come back in one minute


@dataclass(frozen=True)
class Policy:
    """What follows a failure: another try after `wait`, or none; and whether the address is held
    in every campaign."""

    wait: timedelta | None
    holds: HoldReason | None = None


POLICIES: dict[Cause, Policy] = {
    Cause.BUSY: Policy(timedelta(minutes=5)),  # HylaFAX waits 180 s; a desk is busy longer
    Cause.NO_ANSWER: Policy(timedelta(minutes=15)),  # HylaFAX waits 300 s
    Cause.LINE: Policy(timedelta(minutes=5)),
    Cause.PROVIDER: Policy(timedelta(minutes=15)),  # greylisting, HTTP 429, a full queue
    Cause.VOICE: Policy(None, holds=HoldReason.VOICE),
    Cause.BAD_NUMBER: Policy(None, holds=HoldReason.FAILING),
    Cause.BOUNCE: Policy(None, holds=HoldReason.FAILING),
    Cause.REFUSED: Policy(None),
    Cause.DOCUMENT: Policy(None),
    Cause.ACCOUNT: Policy(timedelta(0)),  # as soon as it is mended; the run stops
    Cause.EXPIRED: Policy(None),
    Cause.OFFLINE: Policy(timedelta(minutes=5)),  # no telephone rang, and no server was asked
}


@dataclass(frozen=True)
class Tries:
    """What a letter has behind it, and how much it may have."""

    attempt: int  # the one that failed: 1 for the first
    first_at: datetime
    attempts: int  # as many as there may be
    give_up_after: timedelta


def next_attempt(
    cause: Cause, tries: Tries, now: datetime, *, at_least: timedelta, jitter: float
) -> timedelta | None:
    """How long to wait until the next attempt; None where the letter is given up."""
    wait = wait_after(cause, tries.attempt, jitter)
    if wait is None or (tries.attempt >= tries.attempts and cause.takes_a_try):
        return None
    wait = max(wait, at_least)
    return None if now + wait > tries.first_at + tries.give_up_after else wait


def wait_after(cause: Cause, attempt: int, jitter: float = 0.0) -> timedelta | None:
    """How long to wait after this (first, second …) attempt failed; None for never again.

    `jitter` from 0 to 1 makes it up to a tenth longer, never shorter.
    """
    first = POLICIES[cause].wait
    if first is None:
        return None
    if cause is Cause.OFFLINE:
        attempt = 1
    if attempt >= 2:
        first = max(first, AFTER_TWO)
    return min(first * GROWTH ** max(0, attempt - 2), CEILING) * (1 + JITTER * jitter)
