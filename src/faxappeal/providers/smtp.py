"""E-mail by SMTP submission: TLS, one transaction a recipient, every reply code looked at."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from ..core.errors import SetupError
from ..core.lifecycle import Cause
from ..core.text import clean, show
from .base import Accepted, BeforeSend, Failed, Job, Outcome, Probe, ProviderReport, Unknown
from .sign_in import Login
from .smtp_status import first_code, is_about_us, meaning

# Postfix, Exim, Exchange: the account may not write under this address (said to RCPT as well)
_SENDER = re.compile(r"sender (address|verify)|not owned by|send as this sender", re.I)
_NOT_UNDERSTOOD = (501, 504, 555)  # a parameter of MAIL or RCPT
_CONNECT = 30.0  # seconds
_ENVELOPE = 300.0  # RFC 5321 4.5.3.2: MAIL and RCPT
_MESSAGES_PER_SESSION = 50  # servers allow 100 and more
_AFTER_DOT = 600.0  # RFC 5321 4.5.3.2.6; giving up earlier makes duplicates (RFC 1047)


@dataclass(eq=False)
class Smtp:
    """A mail account. "Accepted" is the best that SMTP can say."""

    name = "smtp"
    supports_lookup = False
    visibility_delay = timedelta(seconds=_AFTER_DOT)
    gap = timedelta(0)  # a server that has enough says 421 or 450
    poll_interval = timedelta(0)

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    sender: str
    login: Login | None
    ca_file: Path | None = None
    after_dot: float = _AFTER_DOT
    copy_to: str | None = None
    endpoint: str = field(init=False)
    _server: smtplib.SMTP | None = field(default=None, init=False)
    _messages: int = field(default=0, init=False)  # in this session

    def __post_init__(self) -> None:
        self.endpoint = f"{self.login.user if self.login else ''}@{self.host}:{self.port}"

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once: reading the system's authorities takes longer than a letter."""
        return ssl.create_default_context(cafile=self.ca_file)

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        try:
            is_reused, server = self._session()
        except smtplib.SMTPException as error:
            return Failed(Cause.PROVIDER, ProviderReport(raw=_words(error)))
        except OSError as error:
            return Failed(Cause.OFFLINE, ProviderReport(raw=_words(error)))
        outcome, may_have_left = None, False

        def mark_sent() -> None:
            nonlocal may_have_left
            before_send()
            may_have_left = True

        try:
            outcome = self._transaction(server, job, mark_sent)
        finally:
            if outcome is None or not _keeps_session(outcome):
                self.close()
        if is_reused and not may_have_left and _session_is_over(outcome):
            return self.submit(job, before_send)  # in a new session
        return outcome

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False  # a message that was accepted is the recipient's

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        try:
            _, server = self._session()
        except (OSError, smtplib.SMTPException) as error:
            hint = "look at email.smtp.host and port"
            return [Probe("connection", False, _words(error), hint)]
        inside = "inside TLS" if self.security != "none" else "without TLS, on this machine"
        login = f"as {self.login.user}" if self.login else "none is asked for"
        limit = _size_limit(server)
        notifications = "the server tells only what did not arrive"
        if server.has_extn("dsn"):
            notifications = "the server tells what became of an e-mail (DSN)"
        return [
            Probe("connection", True, f"{self.host}:{self.port}, {inside}"),
            Probe("sign-in", True, login),
            Probe("size", True, f"up to {limit / 1e6:.0f} MB" if limit else "no limit told"),
            Probe("notifications", True, notifications),
            Probe("sender address", None, f"{self.sender}: told when an e-mail is sent"),
        ]

    def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:  # QUIT is a courtesy: what became of the message is known already
            if server.sock:
                server.sock.settimeout(5)
                server.quit()
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            server.close()

    def _session(self) -> tuple[bool, smtplib.SMTP]:
        """The session of the letter before, if it still answers, or a new one."""
        if self._server is not None and self._messages < _MESSAGES_PER_SESSION:
            try:
                if self._server.sock:  # a laptop that slept finds no one at the other end
                    self._server.sock.settimeout(_CONNECT)
                if self._server.rset()[0] == 250:
                    self._messages += 1
                    return True, self._server
            except (OSError, smtplib.SMTPException):
                pass  # it was closed while nothing was sent
        self.close()
        self._server, self._messages = self._connect(), 1
        return False, self._server

    def look_up(self, account_reference: str) -> Outcome:
        return Accepted(ProviderReport(account_reference))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return None

    def _connect(self) -> smtplib.SMTP:
        """A session inside TLS, logged in once; SetupError for what only the user can fix."""
        # "localhost": the name of the sender's machine would be in the Received line
        try:
            server: smtplib.SMTP
            if self.security == "tls":
                server = smtplib.SMTP_SSL(
                    self.host, self.port, "localhost", timeout=_CONNECT, context=self._tls
                )
            else:
                server = smtplib.SMTP(self.host, self.port, "localhost", timeout=_CONNECT)
        except ssl.SSLError as error:
            raise self._not_trusted(error) from error
        try:
            assert server.sock  # just connected
            # the dot goes out by itself; Nagle's algorithm would hold it back for 40 ms
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.ehlo()
            if self.security == "starttls":
                self._start_tls(server)
            if self.login:
                self._log_in(server, self.login)
        except BaseException:
            server.close()
            raise
        return server

    def _start_tls(self, server: smtplib.SMTP) -> None:
        if not server.has_extn("starttls"):
            words = f"{self.host} offers no encryption on port {self.port}"
            raise SetupError(words, 'try port 465 with security = "tls"')
        try:
            server.starttls(context=self._tls)
        except ssl.SSLError as error:
            raise self._not_trusted(error) from error
        server.ehlo()

    def _not_trusted(self, error: ssl.SSLError) -> SetupError:
        return SetupError(
            f"no safe connection to {self.host}: {_words(error)}",
            "look at email.smtp.host, port and security; the certificate must be valid",
        )

    def _log_in(self, server: smtplib.SMTP, login: Login) -> None:
        """One attempt, one mechanism: smtplib's login() would fail twice in the server's log."""
        if self.security == "none":
            raise SetupError("a password is only sent inside TLS", 'set security = "tls"')
        mechanisms: dict[str, Callable[..., str]] = {"XOAUTH2": _bearer(login)}
        if not login.is_token:  # the better one first
            mechanisms = {"PLAIN": server.auth_plain, "LOGIN": server.auth_login}
        offered = server.esmtp_features.get("auth", "").upper().split()
        mechanism = next((name for name in mechanisms if name in offered), None)
        if mechanism is None:
            kind = "a token" if login.is_token else "a password"
            words = f"{self.host} offers no sign-in with {kind}"
            raise SetupError(words, "look at the port and security")
        server.user, server.password = login.user, login.secret
        try:
            server.auth(mechanism, mechanisms[mechanism])
        except smtplib.SMTPAuthenticationError as error:
            words = _words(error)
            hint = "look at email.smtp.username and its password"
            if login.is_token:
                hint = "tokens last an hour: look at what email.smtp.token_command prints"
            elif "5.7.30" in words or "5.7.139" in words:
                hint = "this provider has ended sign-in with a password: use one with OAuth"
            raise SetupError(f"{self.host} refused the sign-in: {words}", hint) from error

    def _transaction(self, server: smtplib.SMTP, job: Job, before_send: BeforeSend) -> Outcome:
        limit = _size_limit(server)
        if 0 < limit < len(job.document):
            text = f"the server takes {limit} bytes, the message has {len(job.document)}"
            return Failed(Cause.DOCUMENT, ProviderReport(raw=text))
        try:
            assert server.sock  # just connected
            server.sock.settimeout(_ENVELOPE)
            code, words = self._envelope(server, job)
            if code != 354:
                return _refused(code, words)
        except (OSError, smtplib.SMTPException) as error:
            # nothing was sent: before the final dot a server has no message
            return Failed(Cause.PROVIDER, ProviderReport(raw=_words(error)))
        before_send()
        return self._content(server, job.document)

    def _envelope(self, server: smtplib.SMTP, job: Job) -> tuple[int, bytes]:
        """MAIL, RCPT and DATA; 354, or the first reply that is a refusal."""
        notify = server.has_extn("dsn")
        code, words = self._addressed(server, job, notify=notify)
        if notify and code in _NOT_UNDERSTOOD:  # DSN was offered, and is not understood
            server.rset()
            notify = False
            code, words = self._addressed(server, job, notify=notify)
        if code not in (250, 251):
            return code, words
        if self.copy_to and self.copy_to.lower() != job.address.lower():
            # a copy for ourselves, of the same transaction; the letter goes without it as well
            server.rcpt(self.copy_to, ["NOTIFY=NEVER"] if notify else [])
        server.putcmd("data")
        return server.getreply()

    def _addressed(self, server: smtplib.SMTP, job: Job, *, notify: bool) -> tuple[int, bytes]:
        """Who writes to whom; `notify` asks for notifications (RFC 3461) by the job's reference."""
        options = [f"SIZE={len(job.document)}"] if server.has_extn("size") else []
        wanted: list[str] = []
        if notify:
            options += ["RET=HDRS", f"ENVID={job.reference}"]
            wanted = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(job.address)}"]
        code, words = server.mail(self.sender, options)
        return server.rcpt(job.address, wanted) if code == 250 else (code, words)

    def _content(self, server: smtplib.SMTP, message: bytes) -> Outcome:
        """The message and the final dot. From the dot on, only a reply proves what happened."""
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
        lines = re.sub(rb"(?m)^\.", b"..", lines)
        try:
            assert server.sock  # DATA was answered
            server.sock.settimeout(self.after_dot)
            server.send(lines if lines.endswith(b"\r\n") else lines + b"\r\n")
            server.send(b".\r\n")
            code, text = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(ProviderReport(raw=_words(error)))
        if 200 <= code <= 299:
            return Accepted(ProviderReport(_queue_id(_reply(text)), f"{code} {_reply(text)}"))
        if 400 <= code <= 599:
            return _refused(code, text)
        return Unknown(ProviderReport(raw=f"{code} {_reply(text)}"))


def _size_limit(server: smtplib.SMTP) -> int:
    """How many bytes a message may have; 0 if the server does not say."""
    size = server.esmtp_features.get("size", "")
    return int(size) if size.isdigit() else 0


def _keeps_session(outcome: Outcome) -> bool:
    """Whether the session can carry another message: the server has answered, and not with 421."""
    words = outcome.report.raw
    return not isinstance(outcome, Unknown) and words[:3].isdigit() and words[:3] != "421"


def _session_is_over(outcome: Outcome) -> bool:
    """Whether the server has ended the session, as many do after some messages: 421, or nothing."""
    is_failed = isinstance(outcome, Failed) and outcome.cause is Cause.PROVIDER
    return is_failed and not _keeps_session(outcome)


def _refused(code: int, text: bytes | str) -> Outcome:
    words = _reply(text)
    report = ProviderReport(raw=f"{code} {words}")
    if 400 <= code <= 499:
        return Failed(Cause.PROVIDER, report)  # try later: greylisted, busy, full
    if code in (530, 535) or is_about_us(words) or _SENDER.search(words):
        return Failed(Cause.ACCOUNT, report)
    status = first_code(words.split(" ")[0])
    if status and not status.endswith(".0.0"):
        return Failed(meaning(status), report)
    return Failed(Cause.BOUNCE if code in (550, 551, 553) else Cause.REFUSED, report)


def _bearer(login: Login) -> Callable[..., str]:
    """XOAUTH2, as Google and Microsoft describe it: all at once; then nothing, to hear why not."""

    def answer(challenge: bytes | None = None) -> str:
        if challenge is not None:
            return ""
        return f"user={login.user}\x01auth=Bearer {login.secret}\x01\x01"

    return answer


def _xtext(text: str) -> str:
    """RFC 3461 4: a value of the envelope, in ASCII."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


def _reply(text: bytes | str) -> str:
    """A server's words, safe to store and to show, whatever bytes they are."""
    words = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
    return show(" ".join(words.split("\n")))[:500]


def _queue_id(words: str) -> str:
    """The name under which the server keeps the message, or all that it said."""
    match = re.search(r"queued as (\S+)|\bid=(\S+)|(\S+) - gsmtp|\[Hostname=(\S+)\]", words)
    return next((group for group in match.groups() if group), words) if match else words


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_reply(error.smtp_error)}"
    return clean(str(error))[:200] or type(error).__name__
