"""The manual: a page for each rule, from its function's docstring or from a file in `pages`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.finding import Level
from . import parse_errors
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
    return Page(id, *parse_errors.page(id))


def pages() -> Iterator[Page]:
    """All pages, by name."""
    for id in sorted({*LIST_RULES, *CAMPAIGN_RULES, *parse_errors.ids()}):
        yield manual(id)
