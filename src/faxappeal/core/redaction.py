"""What hides numbers and addresses: in a redacted report, and in a worker's log."""

from __future__ import annotations

import re

from .address import parse_number

# an e-mail address (and no user before a server's name), a telephone number as people write them
_ADDRESS = re.compile(r"""(?<![/\w.+-])(?:"[^"]+"|[\w.+-]+)@[\w-][\w.-]*""")
_NUMBER = re.compile(r"(?<![\w.:-])[+(]{0,2}\d[\d\s()./-]{4,}\d(?![\w:])")
_NO_NUMBER = re.compile(r"\d{4}-\d\d-\d\d|(\d{1,3}\.){3}\d{1,3}")  # a date, a machine
_DIGITS = 7  # a number has as many at least


def mask_address(address: str) -> str:
    """A number or an address with only its country or domain, and the end of a number, left."""
    if "@" in address:
        return "…@" + address.rpartition("@")[2]
    if number := parse_number(address):
        return f"+{number.country_code}…{address[-2:]}"
    return "…" if address else ""


def mask_text(text: str) -> str:
    """`text` without the addresses and numbers that a server may have put into it."""

    def hide(found: re.Match[str]) -> str:
        digits = sum(character.isdigit() for character in found[0])
        return found[0] if digits < _DIGITS or _NO_NUMBER.fullmatch(found[0]) else "…"

    return _NUMBER.sub(hide, _ADDRESS.sub("…", text))
