"""No test reaches another machine: whoever tries is stopped before a byte leaves.

It works by an audit hook, so that it also holds in the processes that a test starts (they call
`guard` first), whatever library opens the connection.
"""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Any


class LeftLoopback(AssertionError):
    """A test tried to reach another machine."""


_ALLOWED_NAMES = {"localhost", ""}


def is_allowed(host: object) -> bool:
    """Whether a host is this machine. Names are never looked up."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in _ALLOWED_NAMES:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_allowed(address[0]):
            raise LeftLoopback(f"a test tried to reach {address[0]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not is_allowed(arguments[0]):
        raise LeftLoopback(f"a test tried to look up {arguments[0]}")


_installed = False


def guard() -> None:
    """From now on this process talks to loopback alone."""
    global _installed
    if not _installed:
        sys.addaudithook(_watch)
        _installed = True
