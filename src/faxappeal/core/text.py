"""Text that came from outside: made safe to show, and cleaned of what no reader can see."""

from __future__ import annotations

import json
import re
import unicodedata

# control, format (bidi, zero width), surrogate, private, unassigned, line and paragraph separator
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# format characters that writing needs: ZWNJ and ZWJ in Persian and Indic scripts, the soft hyphen
_JOINERS = frozenset("\u200c\u200d\u00ad")
_SPACE = re.compile(r"\s+")


def invisible(text: str, allowed: str = "") -> str:
    """The first character of `text` that cannot be seen or that changes how the rest is shown."""
    permitted = _JOINERS.union(allowed)
    found = (c for c in text if unicodedata.category(c) in INVISIBLE and c not in permitted)
    return next(found, "")


def show(text: str) -> str:
    """`text` on one line, each control, format and bidi character as a visible escape.

    No colour, title, cursor movement or forged second line gets through to a terminal or a log.
    """
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in INVISIBLE else c for c in text)


def visible_json(text: str) -> str:
    """JSON with what cannot be seen in its strings as escapes. They mean the same to a program and
    do nothing to a terminal."""
    lines = text.split("\n")
    # str.isprintable is false for each character that is INVISIBLE, and quick
    return "\n".join(line if line.isprintable() else _visible(line) for line in lines)


def _visible(text: str) -> str:
    # `\u202e`; beyond the BMP a pair of surrogates (RFC 8259, 7)
    return "".join(json.dumps(c)[1:-1] if unicodedata.category(c) in INVISIBLE else c for c in text)


def clean(text: str) -> str:
    """`text` on one line without control, bidi and zero-width characters, single-spaced."""
    text = _SPACE.sub(" ", text)
    return "".join(
        c for c in text if c in _JOINERS or unicodedata.category(c) not in INVISIBLE
    ).strip()


def did_you_mean(word: str, known: list[str]) -> str:
    """The known word nearest to a misspelt one, or nothing."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, 1, 0.6)), "")


def guess_hint(word: str, known: list[str], otherwise: str = "") -> str:
    """The hint "did you mean …?" for a misspelt word; `otherwise` where none is near it."""
    guess = did_you_mean(word, known)
    return f"did you mean {guess}?" if guess else otherwise


def is_file_name(name: object) -> bool:
    """A visible file below the campaign's folder, safe in a header and on any system."""
    if not isinstance(name, str) or not name or len(name.encode()) > 120 or invisible(name):
        return False
    parts = name.split("/")
    return not any(
        not part or part.startswith((".", "-")) or re.search(r'[\\:*?"<>|]', part) for part in parts
    )
