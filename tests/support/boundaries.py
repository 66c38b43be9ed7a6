"""What a test may not do: reach another machine, write outside its folders, leave a process behind.

The first two are seen by an audit hook (`sys.addaudithook`), whatever library opens the connection or
the file, also in each Python process that a test starts (`site`). A process that is left behind is
found by its parent, or by a variable in its environment, where the system shows them (/proc).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).parents[2]
MARK = "TESTED_BY"  # in the environment of what a test starts: who runs the tests
FOLDERS = "TESTS_MAY_WRITE"  # in that environment: the folders
SITE = Path(__file__).parent / "site"  # on the path of its Python
_PATIENCE = 5.0  # seconds that a process has to end after its test


class LeftLoopback(AssertionError):
    """A test tried to reach another machine."""


class WroteOutside(AssertionError):
    """A test tried to write outside its folders."""


_ALLOWED_NAMES = {"localhost", ""}
_SOCKET_EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUP_EVENTS = {"socket.getaddrinfo", "socket.gethostbyname"}
# which arguments of an audit event are a path that is written, and the folder it is relative to (-1:
# the current one)
_WRITE_EVENTS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "sqlite3.connect": ((0, None),),
}
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


def is_loopback(host: object) -> bool:
    """Whether a host is this machine. Names are never looked up."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in _ALLOWED_NAMES:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch_sockets(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _SOCKET_EVENTS:
        address = arguments[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            raise LeftLoopback(f"a test tried to reach {address[0]}")
    elif event in _LOOKUP_EVENTS and not is_loopback(arguments[0]):
        raise LeftLoopback(f"a test tried to look up {arguments[0]}")


class _Writes:
    """The folders in which a test may write."""

    def __init__(self) -> None:
        self.folders: list[str] = []
        self.is_watching = False

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_watching:
            return
        if event == "open":
            path, mode, flags = arguments
            # os.open, which has no mode, may be relative to a folder that the event does not tell
            is_known = mode is not None or str(path).startswith(os.sep)
            paths = [path] if flags & _WRITE_FLAGS and is_known else []
        else:
            paths = [
                arguments[path]
                for path, folder in _WRITE_EVENTS.get(event, ())
                if folder is None
                or arguments[folder] == -1
                or str(arguments[path]).startswith(os.sep)
            ]
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike) and not self._is_inside(path):
                raise WroteOutside(f"a test tried to write {os.fsdecode(path)}")

    def _is_inside(self, path: str | bytes | os.PathLike[Any]) -> bool:
        name = os.fsdecode(path)
        if name == ":memory:" or name.startswith(("file:", "/dev/", "/proc/self/")):
            return True
        full = os.path.abspath(name)  # noqa: PTH100 - resolve() would follow links
        if "__pycache__" in full:
            return True
        return any(full == folder or full.startswith(folder + os.sep) for folder in self.folders)


_WRITES = _Writes()
_installed: set[str] = set()


def may_be_written() -> list[str]:
    """The folders in which this process may write."""
    return _WRITES.folders


def loopback_only() -> None:
    """From now on this process talks to loopback alone."""
    if "sockets" not in _installed:
        _installed.add("sockets")
        sys.addaudithook(_watch_sockets)


def may_write(*folders: Path | str) -> None:
    """Add folders in which this process, and what it starts, may write."""
    for folder in folders:
        _WRITES.folders += [str(Path(folder).absolute()), str(Path(folder).resolve())]


class NotAlone(AssertionError):
    """A test of this layer opened a connection or started a process."""


CONNECTIONS = frozenset({"socket.connect", "socket.bind", "socket.getaddrinfo"})
PROCESSES = frozenset({"subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec", "os.system"})
_forbidden: frozenset[str] = frozenset()  # audit events


def _watch_forbidden(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _forbidden:
        raise NotAlone(f"a test of this layer uses {event}")


@contextmanager
def without(events: frozenset[str]) -> Iterator[None]:
    """In this block the process does none of this."""
    global _forbidden
    if "forbidden" not in _installed:
        _installed.add("forbidden")
        sys.addaudithook(_watch_forbidden)
    _forbidden = events
    try:
        yield
    finally:
        _forbidden = frozenset()


@contextmanager
def writes_watched() -> Iterator[None]:
    """In this block the process writes only where it may."""
    if "writes" not in _installed:
        _installed.add("writes")
        sys.addaudithook(_WRITES.watch)
    _WRITES.is_watching = True
    try:
        yield
    finally:
        _WRITES.is_watching = False


# -- processes -------------------------------------------------------------------------------------


class Processes:
    """What runs after a test and did not before it, as far as the system shows it (/proc)."""

    _kept: ClassVar[set[int]] = set()  # servers of the whole session

    def __init__(self) -> None:
        self._before = _running()

    @classmethod
    def keep(cls, server: int | None = None) -> None:
        """What a server starts belongs to no test; without its number, all that runs now."""
        cls._kept |= _running() if server is None else {server}

    def left(self) -> dict[int, str]:
        """The processes that the test started, by number: their command lines."""
        new = _running() - self._before - self._kept
        found = {number: _command_of_ours(number, self._kept) for number in new}
        return {number: line for number, line in found.items() if line}

    def end(self) -> dict[int, str]:
        """End what the test left running; returns what did not end by itself."""
        if not self.left():
            return {}
        gc.collect()  # an object that owns a process ends it when it is collected
        deadline = time.monotonic() + _PATIENCE
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.02)
        left = self.left()
        for number in left:
            with suppress(OSError):  # it has just ended
                os.kill(number, signal.SIGKILL)
        return left


def _running() -> set[int]:
    if sys.platform != "linux":
        return set()
    return {int(name) for name in os.listdir("/proc") if name.isdecimal()}  # noqa: PTH208 - a test waits


def _command_of_ours(number: int, kept: set[int]) -> str:
    """The command line of a process that this one, or a process of this test, has started."""
    folder = Path("/proc", str(number))
    try:
        marks = (folder / "environ").read_bytes().split(b"\0")
        words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        parents = list(_parents(number))
    except OSError:  # it has ended, or belongs to somebody else
        return ""
    if "multiprocessing.resource_tracker" in words:  # Python's own, of which each process has one
        return ""
    is_ours = os.getpid() in parents or f"{MARK}={os.getpid()}".encode() in marks
    # a zombie has no command line
    return words.strip() if is_ours and not kept.intersection(parents) else ""


def _parents(number: int) -> Iterator[int]:
    """The processes above a process, as far as they still run."""
    while number > 1:
        stat = Path("/proc", str(number), "stat").read_text(encoding="utf-8", errors="replace")
        number = int(stat.rpartition(")")[2].split()[1])
        yield number
