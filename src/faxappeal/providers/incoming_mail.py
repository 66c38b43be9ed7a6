"""Which letter a message of the mailbox is about: notifications, bounces, answers.

A notification belongs to a letter by the envelope's id, 128 random bits that only mail servers on
its way have seen; or, of a failure, by the Message-ID, where no envelope is named. What says
otherwise, or says it in prose, changes nothing and is listed for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Annotated, Literal

from ..core.json import Key, Moment
from ..core.text import clean, show
from . import dsn
from .base import Accepted, Delivered, Failed, Outcome, Relayed
from .dsn import Notice

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DAEMONS = ("mailer-daemon@", "postmaster@")

Kind = Literal["bounce", "auto-reply", "answer", "forged"]


@dataclass(frozen=True)
class SentEmail:
    """An e-mail that went out, as its traces name it."""

    id: str
    reference: str  # its envelope's id
    message_id: str
    address: str
    earlier: frozenset[str] = frozenset()  # envelopes of attempts before that one


@dataclass(frozen=True)
class Mail:
    """A message of the mailbox that may be about a letter."""

    folder: str
    at: datetime | None
    head: Message
    raw: bytes = b""  # of notifications, and of what a mail server wrote in prose


@dataclass(frozen=True)
class UnmatchedMessage:
    """A message for a person to look at; it changed nothing."""

    kind: Kind
    folder: str
    at: Moment | None
    sender: Annotated[str, Key("from")]  # safe to show
    letter: Annotated[str, Key("delivery")]  # its id


@dataclass(frozen=True)
class MailboxUpdate:
    """What the messages of a mailbox change."""

    outcomes: Mapping[str, Outcome]  # by delivery
    unmatched: tuple[UnmatchedMessage, ...]


def match_notifications(mails: Iterable[Mail], letters: Sequence[SentEmail]) -> MailboxUpdate:
    """What became of the letters, by these messages. The latest that reports an end counts."""
    by_reference = {letter.reference: letter for letter in letters}
    by_message_id = {letter.message_id: letter for letter in letters}
    earlier: frozenset[str] = frozenset().union(*(letter.earlier for letter in letters))
    outcomes: dict[str, Outcome] = {}
    unmatched = []
    for mail in sorted(mails, key=lambda mail: mail.at or _LONG_AGO):
        notices = dsn.read(mail.raw) if mail.raw else ()
        belongs = any(notice.envelope in earlier for notice in notices)
        news: dict[str, Outcome] = {}
        for notice in notices:
            letter = _letter(notice, by_reference, by_message_id)
            if letter and (outcome := notice.outcome):
                belongs = True
                # of a recipient with two mailboxes, the one that has it
                if _rank(outcome) > _rank(news.get(letter.id)):
                    news[letter.id] = outcome
        for id, outcome in news.items():
            is_end = isinstance(outcome, (Failed, Delivered))
            if is_end or _rank(outcome) > _rank(outcomes.get(id)):
                outcomes[id] = outcome
        if not belongs and (found := _unmatched(mail, notices, by_message_id)):
            unmatched.append(found)
    return MailboxUpdate(outcomes, tuple(unmatched))


def _letter(
    notice: Notice, by_reference: Mapping[str, SentEmail], by_message_id: Mapping[str, SentEmail]
) -> SentEmail | None:
    """The letter that a notification is about, if it can know that."""
    letter = None
    if notice.envelope:
        letter = by_reference.get(notice.envelope)
    elif notice.action == "failed":  # a server behind one that passes no envelope's id on
        letter = by_message_id.get(notice.message_id or "")
    return letter if letter and letter.address.lower() in notice.recipients else None


def _rank(outcome: Outcome | None) -> int:
    """How much an outcome says."""
    order: tuple[type, ...] = (Accepted, Relayed, Failed, Delivered)
    return order.index(type(outcome)) + 1 if outcome else 0


def _unmatched(
    mail: Mail, notices: Sequence[Notice], letters: Mapping[str, SentEmail]
) -> UnmatchedMessage | None:
    """A message that may be about one of the letters, and that no rule can read."""
    references = f"{mail.head.get('In-Reply-To', '')} {mail.head.get('References', '')}".split()
    named = {notice.message_id for notice in notices}.union(references)
    sender = clean(str(mail.head.get("From", "")))
    letter = next((letters[name] for name in named if name and name in letters), None)
    if letter is None and is_daemon(sender):
        text = mail.raw.decode("ascii", "replace")
        letter = next((found for name, found in letters.items() if name in text), None)
    if letter is None:
        return None
    kind: Kind = "answer"
    if notices:
        kind = "forged"
    elif is_daemon(sender) or mail.raw:
        kind = "bounce"
    elif str(mail.head.get("Auto-Submitted", "no")).strip().lower() != "no":
        kind = "auto-reply"
    return UnmatchedMessage(
        kind=kind, folder=mail.folder, at=mail.at, sender=show(sender)[:100], letter=letter.id
    )


def is_daemon(sender: str) -> bool:
    """Whether a mail server wrote it, going by a From line."""
    return any(daemon in sender.lower() for daemon in _DAEMONS)
