"""An SMTP server that fails in ways that no real server can be asked for.

    with FaultySmtp("close_after_dot") as server:
        ...  # send to 127.0.0.1, server.port
        assert server.accepted == 1

What it says to a command is in `replies`; what it does after the final dot, in its behaviour.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

AFTER_DOT: Mapping[str, bytes | None] = {
    "accept": b"250 2.0.0 Ok: queued as ABC123\r\n",
    "close_after_dot": None,  # the connection ends without a reply
    "421_after_dot": b"421 4.3.2 going down\r\n",
    "451_after_dot": b"451 4.3.0 try later\r\n",
    "554_after_dot": b"554 5.7.1 spam\r\n",
    "garbage_reply": b"\xff\xfe\x00garbage\r\n",
    "long_reply": b"250 " + b"A" * 20_000 + b"\r\n",
    "latin1_reply": b"250 2.0.0 m\xfcde\r\n",
    "two_lines": b"250-2.0.0 first\r\n250 2.0.0 Ok: queued as ABC\r\n",
    "escape_in_reply": b"250 2.0.0 \x1b]0;pwned\x07\x1b[2J[red]ok queued\r\n",
    "silent_after_dot": b"",  # no reply at all, until the client gives up
    "gmail": b"250 2.0.0 OK  1795454162 5b1f17b1804b1-4abc.12 - gsmtp\r\n",
    "exchange": b"250 2.0.0 OK <x@lab.test> [Hostname=AM0PR01MB0001.prod.exchangelabs.com]\r\n",
    "exim": b"250 OK id=1xVXhe-00086x-1i\r\n",
}
HANG_UP = b"hang up"  # instead of a reply


class FaultySmtp:
    """A server with one behaviour, or one that is asked for at each message; `replies` maps a
    command's first word to its answer."""

    def __init__(
        self,
        behaviour: str | Callable[[], str] = "accept",
        *,
        replies: Mapping[str, bytes] | None = None,
        extensions: tuple[bytes, ...] = (),
        greeting: bytes = b"220 faulty ESMTP\r\n",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.behaviour = behaviour if callable(behaviour) else lambda: behaviour
        self.replies, self.extensions = dict(replies or {}), extensions
        self.greeting, self.tls = greeting, tls
        self.seen: list[bytes] = []
        self.after_421: Callable[[], None] = lambda: None  # when it has ended a session
        self.messages: list[tuple[str, bytes]] = []  # whose final dot it saw, with what it then did
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> FaultySmtp:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    @property
    def accepted(self) -> int:
        """How many messages it has seen the final dot of."""
        return len(self.messages)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._talk(connection)
        connection.close()

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(self.greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                self.seen.append(line.strip())
                word = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
                reply = self.replies.get(word) or self._usual(word)
                if reply == HANG_UP:
                    return
                connection.sendall(reply)
                if reply.startswith((b"221", b"421")):
                    self.after_421()
                    return
                if word == "DATA" and reply.startswith(b"354"):
                    message = bytearray()
                    for content in lines:
                        if content == b".\r\n":
                            break
                        message += content
                    else:
                        return  # the client is gone
                    behaviour = self.behaviour()
                    self.messages.append((behaviour, bytes(message)))
                    answer = AFTER_DOT[behaviour]
                    if answer is None:
                        return
                    if not answer:
                        self._over.wait(10)
                        return
                    connection.sendall(answer)

    def _usual(self, word: str) -> bytes:
        if word == "EHLO":
            names = (b"faulty", *self.extensions)  # the first is the server's own name
            return b"".join(b"250-" + name + b"\r\n" for name in names) + b"250 HELP\r\n"
        return {"DATA": b"354 go\r\n", "QUIT": b"221 bye\r\n", "AUTH": b"235 2.7.0 ok\r\n"}.get(
            word, b"250 2.1.0 ok\r\n"
        )
