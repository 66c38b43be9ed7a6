"""hfaxd as ftplib sees it, without a socket: it answers each command of a session at once.

The real server is in tests/support/servers/hylafax.py.
"""

from __future__ import annotations

import io
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import Any

GREETING = "220 fax.example.org server (HylaFAX (tm) Version 6.0.7) ready."


@dataclass
class Hfaxd:
    """The server. Its jobs are by number, as the parameters that JPARM tells."""

    sendq: list[str] = field(default_factory=list)  # lines, as JOBFMT wants them
    doneq: list[str] = field(default_factory=list)
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: dict[str, list[str]] = field(default_factory=dict)  # the queue files of finished jobs
    caps: dict[str, str] = field(default_factory=dict)  # what it makes of a parameter
    # to a command, or to its first words: other replies, a line each, or how the connection ends
    replies: dict[str, str | Exception] = field(default_factory=dict)
    trouble: Exception | None = None  # of connecting
    clock: list[str] = field(default_factory=list)  # what it shows, then; the last one stays
    said: list[str] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    sessions: int = 0
    _current: dict[str, str] = field(default_factory=dict)
    _listing: str = ""

    def connect(self, address: tuple[str, int], *_: object, **__: object) -> Any:
        """As socket.create_connection."""
        if self.trouble:
            raise self.trouble
        if address[1] == 51210:  # see PASV
            return _Data(self)
        self.sessions += 1
        self._current = {}
        return _Control(self)

    def reply(self, command: str) -> list[str | Exception]:
        """What it says to a command; of a transfer, also what it says when that is over."""
        self.said.append(command)
        for words, other in self.replies.items():
            if command == words or command.startswith(f"{words} "):
                return [*other.split("\n")] if isinstance(other, str) else [other]
        word, _, rest = command.partition(" ")
        if word == "PASV":
            return ["227 Entering passive mode (127,0,0,1,200,10)"]
        if word == "STOT":
            number = len(self.documents) + 1
            return [f"150 FILE: /tmp/doc{number}.tif (Opening new data connection).", "226 Done."]
        if word == "LIST":
            return self._transfer(getattr(self, rest))
        if word == "RETR":
            found = self.calls.get(rest.removeprefix("doneq/q"))
            return ["550 No such file."] if found is None else self._transfer(found)
        if word == "JOB":
            self._current = self.jobs.get(rest, {})
            return [f"200 Current job: {rest}." if self._current else "500 No such job."]
        if word == "JPARM":
            return [self._parameter(*rest.split(" ", 1))]
        if word == "MDTM":
            return [f"213 {self.clock.pop(0) if self.clock[1:] else (self.clock or [''])[0]}"]
        if word == "JSUBM":
            return ["200 Job 12 submitted."]
        return ["221 Goodbye." if word == "QUIT" else "200 Ok."]

    def _transfer(self, lines: list[str]) -> list[str | Exception]:
        self._listing = "".join(f"{line}\r\n" for line in lines)
        return ["150 Opening data connection.", "226 Transfer complete."]

    def _parameter(self, name: str, value: str | None = None) -> str:
        if value is not None:
            self._current[name] = self.caps.get(name, value)
        return f"213 {self._current.get(name, '')}"

    @property
    def listing(self) -> str:
        return self._listing


class _Control:
    """The connection of a session."""

    family = socket.AF_INET

    def __init__(self, server: Hfaxd) -> None:
        self._server = server
        self._replies: deque[str | Exception] = deque([server.replies.get("", GREETING)])

    def makefile(self, *_: object, **__: object) -> _Control:
        return self

    def sendall(self, line: bytes) -> None:
        self._replies.extend(self._server.reply(line.decode("latin-1").rstrip("\r\n")))

    def readline(self, _size: int) -> str:
        reply = self._replies.popleft() if self._replies else ""
        if isinstance(reply, Exception):
            raise reply
        return f"{reply}\r\n" if reply else ""

    def getpeername(self) -> tuple[str, int]:
        return ("127.0.0.1", 4559)

    def close(self) -> None:
        pass


class _Data:
    """The connection of a transfer."""

    def __init__(self, server: Hfaxd) -> None:
        self._server = server

    def __enter__(self) -> _Data:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def makefile(self, *_: object, **__: object) -> io.StringIO:
        return io.StringIO(self._server.listing)

    def sendall(self, document: bytes) -> None:
        self._server.documents.append(document)

    def close(self) -> None:
        pass
