"""Headers as they are written on the wire: mailboxes and subjects of any length and script.

The standard library drops the quotes of a display name that it has to fold, so that commas in it
make several mailboxes of one (cpython #80222). Here each header is folded by its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.header import Header
from email.headerregistry import (
    BaseHeader,
    HeaderRegistry,
    UniqueAddressHeader,
    UniqueUnstructuredHeader,
)
from email.policy import Policy
from typing import cast

_WIDTH = 76  # RFC 5322 2.1.1: 78 characters at most, where it can be
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def _folded(name: str, words: Iterable[str], policy: Policy) -> str:
    """A header's lines, broken at the spaces between its words."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _WIDTH and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return policy.linesep.join([*lines, line]) + policy.linesep


def _encoded(text: str) -> list[str]:
    """Encoded words (RFC 2047); the spaces between them are not part of the text."""
    return Header(text, "utf-8", header_name=" " * 8).encode().split()


def _phrase(text: str) -> list[str]:
    """A display name: plain words, a quoted string, or encoded words."""
    if not text.isascii():
        return _encoded(text)
    if not _ATOMS.fullmatch(text):
        text = '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    return text.split(" ")


class _Mailboxes(UniqueAddressHeader):
    """From, To, Cc, Reply-To."""

    name: str  # BaseHeader's: the registry makes one class of both

    def fold(self, *, policy: Policy) -> str:
        words: list[str] = []
        for number, box in enumerate(self.addresses, 1):
            comma = "," if number < len(self.addresses) else ""
            address = f"<{box.addr_spec}>" if box.display_name else box.addr_spec
            words += [*(_phrase(box.display_name) if box.display_name else ()), address + comma]
        return _folded(self.name, words, policy)


class _Subject(UniqueUnstructuredHeader):
    name: str

    def fold(self, *, policy: Policy) -> str:
        text = str(self)
        return _folded(self.name, text.split(" ") if text.isascii() else _encoded(text), policy)


REGISTRY = HeaderRegistry()
for _name in ("from", "to", "cc", "reply-to"):
    REGISTRY.map_to_type(_name, cast(type[BaseHeader], _Mailboxes))
REGISTRY.map_to_type("subject", cast(type[BaseHeader], _Subject))
