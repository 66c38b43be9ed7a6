"""What a mailbox tells of letters that went out: notifications, bounces, copies. It is only read.

A notification belongs to a letter by the envelope's id, 128 random bits that only mail servers on
its way have seen; or, of a failure, by the Message-ID, where no envelope is named. What says
otherwise, or says it in prose, changes nothing and is listed for a person.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from functools import cached_property
from imaplib import IMAP4
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import SetupError
from ..text import clean, show
from . import Accepted, Cause, Check, Delivered, Failed, Outcome, Relayed, Report, Unreachable, dsn
from .dsn import Notice
from .enhanced import first_code, meaning
from .signin import Login

if TYPE_CHECKING:
    from imapclient import IMAPClient

_TIMEOUT = 30.0  # seconds, for each answer
_MANY = 200  # messages asked for in one command
_HEADS = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE FROM REFERENCES IN-REPLY-TO AUTO-SUBMITTED)]"
_BODY = f"BODY.PEEK[]<0.{dsn.MAX_BYTES}>"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DAEMONS = ("mailer-daemon@", "postmaster@")

Kind = Literal["bounce", "auto-reply", "answer", "forged"]


@dataclass(frozen=True)
class Letter:
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
class Odd:
    """A message for a person to look at; it changed nothing."""

    kind: Kind
    folder: str
    at: datetime | None
    sender: str  # safe to show
    letter: str  # the delivery's id

    def as_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "folder": self.folder,
            "at": self.at.isoformat() if self.at else None,
            "from": self.sender,
            "delivery": self.letter,
        }


@dataclass(frozen=True)
class Told:
    """What a mailbox tells."""

    outcomes: Mapping[str, Outcome]  # by delivery
    odd: tuple[Odd, ...] = ()


# -- what messages mean ---------------------------------------------------------------------------


def told(mails: Iterable[Mail], letters: Sequence[Letter]) -> Told:
    """What became of the letters, by these messages. The latest that tells an end counts."""
    by_reference = {letter.reference: letter for letter in letters}
    by_message_id = {letter.message_id: letter for letter in letters}
    earlier: frozenset[str] = frozenset().union(*(letter.earlier for letter in letters))
    outcomes: dict[str, Outcome] = {}
    odd = []
    for mail in sorted(mails, key=lambda mail: mail.at or _LONG_AGO):
        notices = dsn.read(mail.raw) if mail.raw else ()
        belongs = any(notice.envelope in earlier for notice in notices)
        news: dict[str, Outcome] = {}
        for notice in notices:
            letter = _letter(notice, by_reference, by_message_id)
            if letter and (outcome := _outcome(notice)):
                belongs = True
                # of a desk with two mailboxes, the one that has it
                if _weight(outcome) > _weight(news.get(letter.id)):
                    news[letter.id] = outcome
        for id, outcome in news.items():
            is_end = isinstance(outcome, (Failed, Delivered))
            if is_end or _weight(outcome) > _weight(outcomes.get(id)):
                outcomes[id] = outcome
        if not belongs and (found := _odd(mail, notices, by_message_id)):
            odd.append(found)
    return Told(outcomes, tuple(odd))


def _letter(
    notice: Notice, by_reference: Mapping[str, Letter], by_message_id: Mapping[str, Letter]
) -> Letter | None:
    """The letter that a notification is about, if it can know that."""
    letter = None
    if notice.envelope:
        letter = by_reference.get(notice.envelope)
    elif notice.action == "failed":  # a server behind one that passes no envelope's id on
        letter = by_message_id.get(notice.message_id or "")
    return letter if letter and letter.address.lower() in notice.recipients else None


def _outcome(notice: Notice) -> Outcome | None:
    """What an action means; the status does not decide (Postfix fails with 4.2.1)."""
    words = clean(f"{notice.action} {notice.status} {notice.words}")[:300]
    report = Report(raw=words)
    if notice.action == "delivered":
        return Delivered(report)
    if notice.action in ("relayed", "expanded"):  # of an alias nothing more is told
        return Relayed(report)
    if notice.action == "delayed":
        return Accepted(report)
    if notice.action == "failed":
        return Failed(_cause(notice), report)
    return None


def _cause(notice: Notice) -> Cause:
    """Exim says 5.0.0, and the reason only in the far server's words, or in prose."""
    status = notice.status
    if status.endswith(".0.0"):
        status = first_code(notice.words) or status
    return Cause.BOUNCE if status in ("", "5.0.0") else meaning(status)


def _weight(outcome: Outcome | None) -> int:
    """How much an outcome tells."""
    order: tuple[type, ...] = (Accepted, Relayed, Failed, Delivered)
    return order.index(type(outcome)) + 1 if outcome else 0


def _odd(mail: Mail, notices: Sequence[Notice], letters: Mapping[str, Letter]) -> Odd | None:
    """A message that may be about one of the letters, and that no rule can read."""
    named = {notice.message_id for notice in notices} | _references(mail.head)
    sender = clean(str(mail.head.get("From", "")))
    is_daemon = any(daemon in sender.lower() for daemon in _DAEMONS)
    letter = next((letters[name] for name in named if name and name in letters), None)
    if letter is None and is_daemon:
        text = mail.raw.decode("ascii", "replace")
        letter = next((found for name, found in letters.items() if name in text), None)
    if letter is None:
        return None
    kind: Kind = "answer"
    if notices:
        kind = "forged"
    elif is_daemon or mail.raw:
        kind = "bounce"
    elif str(mail.head.get("Auto-Submitted", "no")).strip().lower() != "no":
        kind = "auto-reply"
    return Odd(kind, mail.folder, mail.at, show(sender)[:100], letter.id)


def _references(head: Message) -> set[str]:
    words = f"{head.get('In-Reply-To', '')} {head.get('References', '')}"
    return {word for word in words.split() if word.startswith("<")}


# -- the mailbox ----------------------------------------------------------------------------------


class Mailbox:
    """An IMAP account, for a look: nothing in it is marked, moved or deleted."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Literal["tls", "starttls"],
        login: Login,
        ca_file: Path | None = None,
    ) -> None:
        self.host, self.port, self.security = host, port, security
        self.login, self.ca_file = login, ca_file
        self._open: IMAPClient | None = None

    def mails(self, since: datetime) -> Iterator[Mail]:
        """Messages since that day that may be about a letter, in the inbox and among the junk.
        Unreachable where the mailbox cannot be asked; SetupError as in `Smtp`."""
        with _network():
            for folder in ("INBOX", *self._special(b"\\Junk")):
                if self._look_into(folder):
                    yield from self._mails(folder, since)

    def copy_of(self, message_id: str) -> str | None:
        """The folder that has a copy of the message: the inbox, what was sent, or all mail."""
        with _network():
            for folder in ("INBOX", *self._special(b"\\Sent"), *self._special(b"\\All")):
                found = ["HEADER", "Message-ID", message_id]
                if self._look_into(folder) and self._client.search(found):
                    return folder
        return None

    def check(self) -> Sequence[Check]:
        """Whether it can be read."""
        with _network():
            state = self._client.select_folder("INBOX", readonly=True)
            sent = ", ".join(self._special(b"\\Sent")) or "none that says so"
        return [
            Check("mailbox", True, f"{self.host}:{self.port}, as {self.login.user}"),
            Check("inbox", True, f"{int(state.get(b'EXISTS', 0))} messages; sent mail: {sent}"),
        ]

    def close(self) -> None:
        client, self._open = self._open, None
        if client is None:
            return
        try:
            client.logout()
        except (OSError, IMAP4.error):
            with suppress(OSError):
                client.shutdown()

    @property
    def _client(self) -> IMAPClient:
        if self._open is None:
            self._open = self._connect()
        return self._open

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _connect(self) -> IMAPClient:
        from imapclient import IMAPClient

        implicit = self.security == "tls"
        client = IMAPClient(
            self.host,
            self.port,
            ssl=implicit,
            ssl_context=self._tls if implicit else None,
            timeout=_TIMEOUT,
        )
        try:
            if not implicit:
                client.starttls(self._tls)
            self._log_in(client)
        except BaseException:
            client.shutdown()
            raise
        return client

    def _log_in(self, client: IMAPClient) -> None:
        from imapclient.exceptions import LoginError

        sign_in = client.oauth2_login if self.login.is_token else client.login
        try:
            sign_in(self.login.user, self.login.secret)
        except LoginError as error:
            words = clean(str(error)).replace(self.login.secret, "…")[:200]
            raise SetupError(
                f"{self.host} refused the sign-in to the mailbox: {words}",
                "look at [email.imap], its username and password",
            ) from error

    def _look_into(self, folder: str) -> bool:
        """Select it for a look; False where that cannot be done with a folder beside the inbox."""
        client = self._client
        try:
            client.select_folder(folder, readonly=True)
        except IMAP4.abort:  # the connection is gone
            raise
        except IMAP4.error:
            if folder == "INBOX":
                raise
            return False
        return True

    def _special(self, flag: bytes) -> Sequence[str]:
        """Folders with a special use (RFC 6154), by their names."""
        return [name for flags, _, name in self._folders if flag in flags]

    @cached_property
    def _folders(self) -> list[tuple[Any, Any, str]]:
        return list(self._client.list_folders())

    def _mails(self, folder: str, since: datetime) -> Iterator[Mail]:
        client = self._client
        # the server's day, whatever its time zone is
        numbers = client.search(["SINCE", (since - timedelta(days=1)).date()])
        for first in range(0, len(numbers), _MANY):
            heads = client.fetch(numbers[first : first + _MANY], [_HEADS, "INTERNALDATE"])
            for number, values in heads.items():
                head = message_from_bytes(_section(values))
                raw = b""
                if _is_notification(head):
                    raw = _section(client.fetch([number], [_BODY]).get(number, {}))
                at = values.get(b"INTERNALDATE")
                yield Mail(folder, at.astimezone() if at else None, head, raw)


def _section(values: Mapping[bytes, Any]) -> bytes:
    """The part that was asked for; its name comes back in the server's own spelling."""
    found = next((value for name, value in values.items() if name.startswith(b"BODY[")), b"")
    return found if isinstance(found, bytes) else b""


def _is_notification(head: Message) -> bool:
    sender = str(head.get("From", "")).lower()
    report = head.get_content_type() in ("multipart/report", "message/delivery-status")
    return report or any(daemon in sender for daemon in _DAEMONS)


@contextmanager
def _network() -> Iterator[None]:
    """What may go wrong with a mailbox, in our words."""
    try:
        yield
    except ssl.SSLError as error:
        raise SetupError(
            f"no safe connection to the mailbox: {clean(str(error))[:200]}",
            "look at [email.imap]: host, port and security; the certificate must be valid",
        ) from error
    except (OSError, IMAP4.error) as error:
        words = clean(str(error))[:200] or type(error).__name__
        raise Unreachable(f"the mailbox: {words}") from error
