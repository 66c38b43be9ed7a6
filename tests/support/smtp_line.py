"""A mail server without a socket: what it is sent is answered in the same moment.

    server = SmtpLine("close_after_dot")
    server.answer_all(monkeypatch)
    ...  # send to any host and port
    assert server.accepted == 1

The client is the real smtplib; only its connection is a stand-in. It behaves as FaultySmtp does.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from tests.support.servers.faulty_smtp import AFTER_DOT, HANG_UP

# to the line that came: a reply, or None for the usual one
Answer = bytes | Callable[[bytes], bytes | None]


class SmtpLine:
    """A server with one behaviour after the final dot, or one for each message; `replies` maps a
    command's first word to its answer."""

    def __init__(
        self,
        behaviour: str | Iterable[str] = "accept",
        *,
        replies: Mapping[str, Answer] | None = None,
        extensions: tuple[bytes, ...] = (),
        greeting: bytes = b"220 stand-in ESMTP\r\n",
        trusted: bool = True,
    ) -> None:
        self._behaviours = iter([] if isinstance(behaviour, str) else behaviour)
        self._behaviour = behaviour if isinstance(behaviour, str) else "accept"
        self.replies, self.extensions = dict(replies or {}), extensions
        self.greeting, self.trusted = greeting, trusted
        self.seen: list[bytes] = []
        self.seen_in_clear: list[bytes] = []  # outside TLS
        self.messages: list[bytes] = []  # whose final dot it saw
        self.wires: list[Wire] = []

    def answer_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on each connection of the test leads here, and TLS is as good as its word."""
        monkeypatch.setattr(socket, "create_connection", self._connected)
        monkeypatch.setattr(ssl, "create_default_context", lambda **_: self)

    @property
    def accepted(self) -> int:
        """How many messages it has seen the final dot of."""
        return len(self.messages)

    @property
    def sessions(self) -> int:
        return len(self.wires)

    def commands(self, word: bytes) -> list[bytes]:
        """What it was sent that begins with this word."""
        return [line for line in self.seen if line.upper().startswith(word)]

    def wrap_socket(self, wire: Wire, server_hostname: str) -> Wire:
        """As a TLS context does it."""
        if not self.trusted:
            raise ssl.SSLCertVerificationError("certificate verify failed: self-signed certificate")
        wire.is_safe = True
        return wire

    def _connected(self, *_: Any, **__: Any) -> Wire:
        self.wires.append(Wire(self))
        return self.wires[-1]

    def reply(self, line: bytes, wire: Wire) -> bytes:
        self.seen.append(line)
        if not wire.is_safe:
            self.seen_in_clear.append(line)
        word = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
        answer = self.replies.get(word)
        said = answer(line) if callable(answer) else answer
        return said or self._usual(word)

    def after_dot(self, message: bytes) -> bytes | None:
        self.messages.append(message)
        return AFTER_DOT[next(self._behaviours, self._behaviour)]

    def _usual(self, word: str) -> bytes:
        if word == "EHLO":
            names = (b"stand-in", *self.extensions)  # the first is the server's own name
            return b"".join(b"250-" + name + b"\r\n" for name in names) + b"250 HELP\r\n"
        return {
            "DATA": b"354 go\r\n",
            "QUIT": b"221 bye\r\n",
            "AUTH": b"235 2.7.0 ok\r\n",
            "STARTTLS": b"220 go\r\n",
        }.get(word, b"250 2.1.0 ok\r\n")


class Wire:
    """What smtplib takes for a socket, and for the file of it that it reads."""

    def __init__(self, server: SmtpLine) -> None:
        self._server = server
        self._sent, self._answers = b"", server.greeting
        self._in_message = False
        self.is_safe = self.is_over = self.is_silent = False
        self.timeout: float | None = None

    def sendall(self, data: bytes) -> None:
        if self.is_over:
            raise BrokenPipeError(32, "Broken pipe")
        self._sent += data
        while not self.is_over and self._take():
            pass

    def _take(self) -> bool:
        """Hear one line, or a whole message; False where there is none yet."""
        line, end, rest = self._sent.partition(b"\r\n.\r\n" if self._in_message else b"\r\n")
        if not end:
            return False
        self._sent = rest
        if self._in_message:
            self._in_message = False
            said = self._server.after_dot(line + b"\r\n")
            self.is_silent = said == b""
        else:
            said = self._server.reply(line, self)
            self._in_message = line.upper() == b"DATA" and said.startswith(b"354")
        self.is_over = said in (None, HANG_UP) or (said or b"").startswith((b"221", b"421"))
        self._answers += b"" if said in (None, HANG_UP) else said or b""
        return True

    def readline(self, limit: int = -1) -> bytes:
        end = self._answers.find(b"\n") + 1
        if not end and self.is_silent:
            raise TimeoutError("timed out")
        end = min(end, limit) if limit > 0 else end
        line, self._answers = self._answers[:end], self._answers[end:]
        return line

    def makefile(self, _mode: str) -> Wire:
        return self

    def setsockopt(self, *_: int) -> None:
        pass

    def settimeout(self, seconds: float) -> None:
        self.timeout = seconds

    def hang_up(self) -> None:
        """As a laptop that slept finds it."""
        self.is_over = True

    def close(self) -> None:
        self.is_over = True
