"""What states, causes and events mean, in one sentence each: for the docs and the report."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.lifecycle import Cause, State

STATES: Mapping[State, str] = {
    State.PLANNED: "it is in the ledger, nothing was tried",
    State.HELD: "it will not go: unverified, stale, opted out, retired, voice, failing",
    State.WAITING: "it will go later: office hours, the gap between two calls, the time of a new"
    " try",
    State.SUBMITTING: "it is being handed over, or was when the program died",
    State.ACCEPTED: "the account has it; for an e-mail that is good enough",
    State.RELAYED: "a mail server passed it on to one that tells no more, or to an alias",
    State.DELIVERED: "the far end confirmed all pages; an e-mail is in the mailbox",
    State.FAILED: "it did not arrive, and will not be tried again",
    State.UNKNOWN: "it may have arrived: it is never sent again by itself",
}

# of one channel, where a state says something of each
_OF_CHANNEL: Mapping[tuple[State, str], str] = {
    (State.ACCEPTED, "fax"): "the account has it",
    (State.ACCEPTED, "email"): "the mail server has it",
    (State.DELIVERED, "fax"): "the far end confirmed all pages",
    (State.DELIVERED, "email"): "it is in the mailbox",
}


def meaning(state: State, channel: str) -> str:
    """What a state means of a fax, or of an e-mail."""
    return _OF_CHANNEL.get((state, channel), STATES[state])


# what it is, and what follows
CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause.BUSY: ("the line was engaged", "later"),
    Cause.NO_ANSWER: ("nobody picked up", "later"),
    Cause.VOICE: ("a person, or no fax tone", "the number is held at once, in every campaign"),
    Cause.LINE: ("dropped, training, protocol", "later"),
    Cause.BAD_NUMBER: ("no such number", "failed, and held in every campaign"),
    Cause.REFUSED: ("by the far end or by policy", State.FAILED),
    Cause.DOCUMENT: ("the account cannot use the document", State.FAILED),
    Cause.ACCOUNT: (
        "credentials, balance, permission",
        "the run stops; the letter goes when that is mended",
    ),
    Cause.PROVIDER: ("their trouble", "later"),
    Cause.BOUNCE: ("no such mailbox", "failed, and held in every campaign"),
    Cause.EXPIRED: ("it took too long, or a mail server gave it up", State.FAILED),
}

# what the log has beside a state
EVENTS: Mapping[str, str] = {
    "leaving": "the first byte that could make the account send it is about to leave",
    "resolved": "a person has found out what became of an unknown letter",
    "lifted": "a person has checked an address again: it is not held any more",
    "again": "a person asked for it to be sent once more",
    "rehearsal": "it went to the sender's own fax or mailbox",
    "accepted-unverified": "a person took on a contact that nobody had checked, and said why",
    "lookup": "Twilio was asked what kind of line the number is",
    "calling": "a check call is about to be placed",
    "ringing": "Twilio has taken the check call",
    "called": "the check call is over",
    "not-called": "the check call certainly was not made",
    "forgotten": "the document was deleted at the account",
    "not-forgotten": "the document could not be deleted at the account yet",
    "purged": "address, reasons, the account's reference and its answers were scrubbed",
}
