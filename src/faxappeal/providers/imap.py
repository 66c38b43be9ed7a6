"""The sender's mailbox (IMAP), for a look: nothing in it is marked, moved or deleted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from functools import cached_property
from imaplib import IMAP4
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..core.errors import SetupError
from ..core.text import clean
from . import dsn
from .base import Probe, Unreachable
from .incoming_mail import Mail, is_daemon
from .sign_in import Login

if TYPE_CHECKING:
    from imapclient import IMAPClient

_TIMEOUT = 30.0  # seconds, for each answer
_MANY = 200  # messages asked for in one command
_HEADS = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE FROM REFERENCES IN-REPLY-TO AUTO-SUBMITTED)]"
_BODY = f"BODY.PEEK[]<0.{dsn.MAX_BYTES}>"


@dataclass(eq=False)
class Mailbox:
    """An IMAP account, for a look: nothing in it is marked, moved or deleted."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    login: Login
    ca_file: Path | None
    _open: IMAPClient | None = field(default=None, init=False)

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

    def check(self) -> Sequence[Probe]:
        """Whether it can be read."""
        with _network():
            state = self._client.select_folder("INBOX", readonly=True)
            sent = ", ".join(self._special(b"\\Sent")) or "none that says so"
        return [
            Probe("mailbox", True, f"{self.host}:{self.port}, as {self.login.user}"),
            Probe("inbox", True, f"{int(state.get(b'EXISTS', 0))} messages; sent mail: {sent}"),
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
            self.host, self.port, ssl=implicit, ssl_context=self._tls, timeout=_TIMEOUT
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
            reply = error.args[0] if error.args else ""
            reply = reply.decode("ascii", "replace") if isinstance(reply, bytes) else str(reply)
            reply = reply.removeprefix("b'").removesuffix("'")  # as imaplib has made it a text
            words = clean(reply).replace(self.login.secret, "…")[:200]
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
    report = head.get_content_type() in ("multipart/report", "message/delivery-status")
    return report or is_daemon(str(head.get("From", "")))


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
