"""What a rule is. Its function's docstring is its manual page: what it says, why, a bad example and
a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Generic, TypeVar

from ..campaign.loading import LoadedCampaign
from ..campaign.recipients import Recipients
from ..core.finding import Finding, Level, Location

InList = Iterator[tuple[Location, str, str]]  # place, message, hint
InCampaign = Iterator[tuple[str, Location, str, str]]  # path, place, message, hint
Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """A rule on a list of recipients alone, or on the three files together."""

    id: str
    level: Level
    find: Callable[[Subject, date], InCampaign]
    online: bool  # asked only where the network may be

    def check(self, subject: Subject, today: date) -> Iterator[Finding]:
        for path, place, message, hint in self.find(subject, today):
            yield Finding(path, place, self.level, self.id, message=message, hint=hint)


LIST_RULES: dict[str, Rule[Recipients]] = {}
CAMPAIGN_RULES: dict[str, Rule[LoadedCampaign]] = {}


def on_list(
    id: str, level: Level, *, online: bool = False
) -> Callable[[Callable[[Recipients, date], InList]], None]:
    """Make a rule on the list of a function."""

    def make(find: Callable[[Recipients, date], InList]) -> None:
        @wraps(find)
        def with_path(recipients: Recipients, today: date) -> InCampaign:
            return ((recipients.path, *found) for found in find(recipients, today))

        LIST_RULES[id] = Rule(id, level, with_path, online)

    return make


def on_campaign(
    id: str, level: Level, *, online: bool = False
) -> Callable[[Callable[[LoadedCampaign, date], InCampaign]], None]:
    """Make a rule on the campaign of a function."""

    def make(find: Callable[[LoadedCampaign, date], InCampaign]) -> None:
        CAMPAIGN_RULES[id] = Rule(id, level, find, online)

    return make
