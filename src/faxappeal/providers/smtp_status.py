"""Enhanced mail system status codes (RFC 3463): what each means for a letter."""

from __future__ import annotations

import re

from ..core.lifecycle import Cause

# the first that matches; a code that is not here says that the far side did not want it
_MEANINGS: tuple[tuple[str, Cause], ...] = (
    (r"5\.1\.(1|2|3|6|10)", Cause.BOUNCE),  # no such mailbox or domain
    (r"5\.2\.1", Cause.BOUNCE),  # mailbox disabled
    (r"5\.3\.4", Cause.DOCUMENT),  # too big
    (r"5\.4\.4", Cause.BOUNCE),  # no such domain, says Postfix
    (r"5\.4\.7", Cause.EXPIRED),
    (r"4\.", Cause.EXPIRED),  # a temporary trouble that lasted too long
)
# of our own server, about us
_ACCOUNT = r"5\.7\.(8|9|30|57)\b"


def meaning(status: str) -> Cause:
    """Why a message was given up, by the code that says so."""
    for code, cause in _MEANINGS:
        if re.match(rf"{code}(?!\d)" if code[-1] != "." else code, status):
            return cause
    return Cause.REFUSED


def is_about_us(words: str) -> bool:
    """Whether a server's words mean our credentials, not the letter."""
    return re.match(_ACCOUNT, words) is not None


def first_code(words: str) -> str:
    """The first code of the words, such as "5.1.1"; an empty text if they have no code."""
    match = re.search(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])", words)
    return match[0] if match else ""
