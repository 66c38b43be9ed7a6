"""A letter's texts as the page takes them: numbers that hold together, words that may be broken."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"(\+[0-9][0-9 ]{5,}[0-9])")
# words that may be broken anywhere, on a line and in a table: else they would run off the paper
_LONG, _LONG_IN_CELL = re.compile(r"[^\s\u200b]{40,}"), re.compile(r"[^\s\u200b]{14,}")
# what is printed, in the data of a letter and of its nodes
_PRINTED = ("address", "body", "children", "copies", "subject", "text")


def parts(text: str, long: re.Pattern[str] = _LONG) -> str | list[str]:
    """A text; where it has telephone numbers, in parts of which every second one is a number."""
    found = _NUMBER.split(long.sub(lambda word: "\u200b".join(word[0]), text))
    return found if len(found) > 1 else found[0]


def with_parts(value: Any, long: re.Pattern[str] = _LONG) -> Any:
    """The data of a letter with each printed text in parts."""
    if isinstance(value, str):
        return parts(value, long)
    if isinstance(value, list):
        return [with_parts(each, long) for each in value]
    if not isinstance(value, dict) or value.get("kind") == "image":  # its text is read, not shown
        return value
    long = _LONG_IN_CELL if value.get("kind") == "cell" else long
    return {
        name: with_parts(each, long) if name in _PRINTED else each for name, each in value.items()
    }
