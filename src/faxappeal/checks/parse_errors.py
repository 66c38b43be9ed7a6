"""The manual pages of what the readers find, before any rule is checked.

Each is a file in `pages`, named after its rule: a line with the level, an empty line, Markdown. An
error cannot be silenced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..core.finding import Level

_PAGES = Path(__file__).parent / "pages"
_LEVELS: Mapping[str, Level] = {"level: error": "error", "level: warning": "warning"}


@cache
def ids() -> frozenset[str]:
    """The rules that have a page here."""
    return frozenset(path.stem for path in _PAGES.glob("*.md"))


@cache
def page(id: str) -> tuple[Level, str]:
    """A rule's level and its page in Markdown."""
    level, _, text = (_PAGES / f"{id}.md").read_text(encoding="utf-8").partition("\n\n")
    return _LEVELS[level], text.rstrip("\n")
