"""An IMAP server inside TLS that is right until it is not.

with FaultyImap("NO to SELECT") as server:
    ...  # sign in to localhost, server.port, trusting server.ca_file
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import trustme

# what it says to a command instead of what is right; None: it hangs up
FAULTS: Mapping[str, tuple[bytes, bytes | None]] = {
    "hangs up at once": (b"", None),
    "greets with rubbish": (b"", b"\xff\xfe\x00\r\n"),
    "greets with BYE": (b"", b"* BYE go away\r\n"),
    "hangs up at the sign-in": (b"LOGIN", None),
    "hangs up at LIST": (b"LIST", None),
    "lists what nobody can read": (b"LIST", b'* LIST (\\Junk "/" &&&-\xff\r\n'),
    "NO to SELECT": (b"EXAMINE", b"{tag} NO [SERVERBUG] not now\r\n"),
    "hangs up at SEARCH": (b"SEARCH", None),
    "finds rubbish": (b"SEARCH", b"* SEARCH 1 x ((\r\n{tag} OK done\r\n"),
    "fetches rubbish": (b"FETCH", b"* 1 FETCH (UID x BODY[] ((\r\n{tag} OK done\r\n"),
    "fetches a wrong date": (
        b"FETCH",
        b'* 1 FETCH (UID 1 INTERNALDATE "never" BODY[] NIL)\r\n{tag} OK done\r\n',
    ),
    "fetches half a message": (b"FETCH", b"* 1 FETCH (UID 1 BODY[] {5000}\r\nFrom: "),
}
_RIGHT: Mapping[bytes, bytes] = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"LIST": b'* LIST (\\HasNoChildren) "/" INBOX\r\n',
    b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] it is\r\n",
    b"SEARCH": b"* SEARCH 1\r\n",
}


class FaultyImap:
    """Says what is right to every command but one."""

    def __init__(self, folder: Path, fault: str) -> None:
        self.at, self.words = FAULTS[fault]
        authority = trustme.CA()
        self.ca_file = folder / "imap-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._tls)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> FaultyImap:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with suppress(OSError), self._tls.wrap_socket(connection, server_side=True) as inside:
                self._talk(inside)

    def _talk(self, connection: ssl.SSLSocket) -> None:
        if not self.at:
            if self.words is not None:
                connection.sendall(self.words)
            return
        connection.sendall(b"* OK here\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.strip().partition(b" ")
                words = command.upper().removeprefix(b"UID ").split()
                word = words[0] if words else b""
                if word == self.at:
                    if self.words is None:
                        return
                    connection.sendall(self.words.replace(b"{tag}", tag))
                    if b"{tag}" not in self.words:
                        return
                    continue
                connection.sendall(_RIGHT.get(word, b"") + tag + b" OK done\r\n")
