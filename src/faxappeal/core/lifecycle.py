"""The life of a delivery: its states, why it is held or waits, why it failed.

Each of these words stands in the ledger, in JSON and in the documentation; in the code it stands
here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a delivery is, by its latest attempt."""

    PLANNED = "planned"  # in the ledger; nothing was tried
    HELD = "held"
    WAITING = "waiting"
    SUBMITTING = "submitting"  # claimed: a provider has it, may have it, or will have it
    ACCEPTED = "accepted"  # the provider has it
    RELAYED = "relayed"  # a mail server passed it on to one that reports nothing more
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have arrived

    @property
    def is_open(self) -> bool:
        """Nothing of the current attempt has left: it may be claimed."""
        return self in (State.PLANNED, State.HELD, State.WAITING)

    @property
    def is_in_progress(self) -> bool:
        """A provider has it or may have it, and is asked for the outcome."""
        return self in (State.SUBMITTING, State.ACCEPTED)

    @property
    def is_final(self) -> bool:
        """No step follows by itself."""
        return not (self.is_open or self.is_in_progress)

    @property
    def may_have_arrived(self) -> bool:
        """The far end has the letter, or may have it."""
        return not (self.is_open or self is State.FAILED)

    def is_sent(self, channel: str) -> bool:
        """The letter counts as sent. An accepted e-mail does: SMTP reports nothing more."""
        accepted = self is State.ACCEPTED and channel == "email"
        return accepted or self in (State.RELAYED, State.DELIVERED)

    @property
    def certainty(self) -> int:
        """How much it says of an attempt that left; of two reports that say as much, the later one
        counts. -1 for a state that no report can lead to, or be followed by one."""
        return _CERTAINTY.get(self, -1)


_CERTAINTY: Mapping[State, int] = {
    State.UNKNOWN: 0,
    State.ACCEPTED: 1,
    State.RELAYED: 2,
    State.FAILED: 3,
    State.DELIVERED: 3,
}
OPEN = tuple(state for state in State if state.is_open)
IN_PROGRESS = tuple(state for state in State if state.is_in_progress)
FINAL = tuple(state for state in State if state.is_final)
MAY_HAVE_ARRIVED = tuple(state for state in State if state.may_have_arrived)

_ENDS = frozenset({State.RELAYED, State.DELIVERED, State.FAILED, State.UNKNOWN})
_OPEN = frozenset(OPEN)
# An outcome that comes late, from a process that others had given up: the letter does not go again.
_LATE = frozenset({State.ACCEPTED, State.RELAYED, State.DELIVERED, State.UNKNOWN})
# From each state, those that may follow. The ledger refuses all others, as an error of ours.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PLANNED: _OPEN | {State.SUBMITTING},
    State.HELD: _OPEN | _LATE | {State.SUBMITTING},
    # also where a person settled it as not sent, and found out more
    State.WAITING: _OPEN | _LATE | {State.SUBMITTING, State.FAILED},
    State.SUBMITTING: _ENDS | {State.ACCEPTED, State.WAITING, State.HELD},
    State.ACCEPTED: _ENDS | {State.ACCEPTED, State.WAITING, State.HELD},
    # a mailbox's notification may come late, and after another one
    State.RELAYED: _ENDS | {State.WAITING, State.HELD},
    # by a bounce that came after all, or by a person who found out more
    State.DELIVERED: frozenset({State.DELIVERED, State.FAILED, State.WAITING}),
    State.FAILED: frozenset({State.DELIVERED}),
    State.UNKNOWN: _ENDS - {State.UNKNOWN} | {State.ACCEPTED, State.WAITING},
}


class ForbiddenTransition(Exception):
    """A state that may not follow: an error of ours."""


def check_transition(before: State, after: State) -> None:
    """Raise ForbiddenTransition unless `after` may follow `before`."""
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"{before} -> {after}")


class Fate(StrEnum):
    """What a plan says of a delivery: what will become of it, or has."""

    GOES = "goes"
    WAITS = "waits"
    HELD = "held"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    IN_PROGRESS = "under way"

    @property
    def is_open(self) -> bool:
        """It will go, or an outcome is still to come."""
        return self in (Fate.GOES, Fate.WAITS, Fate.IN_PROGRESS)

    @property
    def has_left(self) -> bool:
        """It went out before, or is going out."""
        return self in (Fate.SENT, Fate.UNKNOWN, Fate.FAILED, Fate.IN_PROGRESS)


class Resolution(StrEnum):
    """What a person found out about an unknown outcome."""

    DELIVERED = "delivered"
    NOT_SENT = "not-sent"


class ContactStatus(StrEnum):
    """What the list says of a contact."""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    RETIRED = "retired"
    OPTED_OUT = "opted_out"


class Method(StrEnum):
    """How a person checked a contact."""

    WEBSITE = "website"
    CALL = "call"
    LETTERHEAD = "letterhead"


class HoldReason(StrEnum):
    """Why a letter does not leave until a person changes something."""

    OPTED_OUT = "opted out"
    VOICE = "voice"
    CALL = "call"
    FAILING = "failing"
    RETIRED = "retired"
    UNVERIFIED = "unverified"
    STALE = "stale"
    NO_TIME_ZONE = "no time zone"
    SAME_LETTER = "the same letter went there"
    NOT_LISTED = "no longer in the list"

    @property
    def text(self) -> str:
        """What it means, for a person; empty where the reason says it all."""
        return _HOLD_TEXTS.get(self, "")

    @property
    def can_be_overridden(self) -> bool:
        """A person may send all the same, with a reason: --accept-unverified."""
        return self in (HoldReason.UNVERIFIED, HoldReason.STALE)


_HOLD_TEXTS: Mapping[HoldReason, str] = {
    HoldReason.UNVERIFIED: "nobody has checked that it is still theirs",
    HoldReason.STALE: "last checked more than 180 days ago",
    HoldReason.OPTED_OUT: "they do not want to be written to",
    HoldReason.RETIRED: "the contact is no longer in use",
    HoldReason.VOICE: "a person or no fax tone answered there",
    HoldReason.FAILING: "it does not exist any more",
    HoldReason.CALL: "a check call may have been answered there, nobody knows by whom",
    HoldReason.NO_TIME_ZONE: "the recipient's time zone is not known",
}

# The holds that stand in the ledger, for an address in every campaign, from the weakest to the
# strongest. A person who answered is not forgotten because a provider says later that the number
# does not exist.
STRENGTH = (HoldReason.FAILING, HoldReason.CALL, HoldReason.VOICE, HoldReason.OPTED_OUT)
# the checks that end them; a website cannot know who answers a telephone
ENDED_BY: Mapping[str, frozenset[str]] = {
    HoldReason.FAILING: frozenset(Method),
    HoldReason.CALL: frozenset({Method.CALL}),
    HoldReason.VOICE: frozenset({Method.CALL}),
}


class WaitReason(StrEnum):
    """Why a letter leaves later."""

    RETRY = "retry"
    OFFICE_HOURS = "office hours"
    NUMBER_GAP = "the gap between two calls to a number"
    NUMBER_BUSY = "on this line is a letter of"  # and then the campaign
    QUEUED = "in the queue of the workers"


# what each look computes again from the settings; the last are an earlier version's words
COMPUTED_WAITS = frozenset(
    {
        WaitReason.OFFICE_HOURS,
        WaitReason.NUMBER_GAP,
        "gap between two calls to a number",
    }
)


class Cause(StrEnum):
    """Why a letter did not arrive, by what helps."""

    BUSY = "busy"
    NO_ANSWER = "no-answer"
    VOICE = "voice"  # a person, or no fax tone: the number is held at once
    LINE = "line"  # dropped, training, protocol
    BAD_NUMBER = "bad-number"
    REFUSED = "refused"  # by the far end, or by policy
    DOCUMENT = "document"
    ACCOUNT = "account"  # credentials, balance, permission: the run stops
    PROVIDER = "provider"  # their trouble: HTTP 5xx, 429, a dead modem
    BOUNCE = "bounce"
    EXPIRED = "expired"
    OFFLINE = "offline"  # no connection: nothing could leave this machine

    @property
    def takes_a_try(self) -> bool:
        """Whether it counts as one of the attempts that a letter has."""
        return self not in (Cause.ACCOUNT, Cause.OFFLINE)
