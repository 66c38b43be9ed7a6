"""A line between a client and a server that breaks at a given byte, in one direction or the other."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


@dataclass(frozen=True)
class Break:
    """Where a conversation breaks. A place is given as a function of all bytes of that direction,
    as far as they are there; None: that direction is not cut."""

    asked: Callable[[bytes], int | None] = lambda _sent: None
    answered: Callable[[bytes], int | None] = lambda _sent: None
    reset: bool = False  # by a reset rather than an end


class CuttingLine:
    """Forwards to `port`. Conversations whose first bytes match `when` break, others do not."""

    def __init__(self, port: int, when: bytes, at: Break) -> None:
        self._port, self._when, self.at = port, re.compile(when), at
        self.broken = 0  # conversations
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> CuttingLine:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # which ends `accept`

    def _serve(self) -> None:
        with self._listener, contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client: socket.socket) -> None:
        # one thread for both directions: a socket that another thread reads is not reset when closed
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            ends = {client: server, server: client}
            passed = {client: b"", server: b""}
            places = {client: self.at.asked, server: self.at.answered}
            with contextlib.suppress(OSError):
                while ends:
                    readable, _, _ = select.select(list(ends), [], [])
                    for source in readable:
                        chunk = source.recv(65_536)
                        target, before = ends[source], len(passed[source])
                        passed[source] += chunk
                        meant = self._when.search(passed[client])
                        place = places[source](passed[source]) if meant else None
                        if place is not None and place <= len(passed[source]):
                            target.sendall(passed[source][before:place])
                            self._break(client, server)
                            return
                        target.sendall(chunk)
                        if not chunk:
                            target.shutdown(socket.SHUT_WR)
                            del ends[source]

    def _break(self, *ends: socket.socket) -> None:
        self.broken += 1
        if self.at.reset:
            for end in ends:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
