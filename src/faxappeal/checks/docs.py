"""The manual: a page for each rule, written where the rule is."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.finding import Level
from .parse_errors import READING
from .registry import CAMPAIGN_RULES, LIST_RULES


@dataclass(frozen=True)
class Page:
    """A rule's page."""

    id: str
    level: Level
    text: str  # Markdown; its first sentence says what the rule says

    @property
    def summary(self) -> str:
        return " ".join(self.text.split("\n\n")[0].split())


def manual(id: str) -> Page:
    """The page of a rule."""
    if rule := LIST_RULES.get(id) or CAMPAIGN_RULES.get(id):
        return Page(id, rule.level, inspect.cleandoc(rule.find.__doc__ or ""))
    level, text = READING[id]
    return Page(id, level, inspect.cleandoc(text))


def pages() -> Iterator[Page]:
    """All pages, by name."""
    for id in sorted({*LIST_RULES, *CAMPAIGN_RULES, *READING}):
        yield manual(id)
