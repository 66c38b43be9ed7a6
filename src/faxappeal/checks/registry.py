"""What a rule is. Its function's docstring is its manual page: what it says, why, a bad example and
a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from ..campaign.loading import LoadedCampaign
from ..campaign.recipients import Recipients
from ..core.finding import Finding, Level, Location

InList = Iterator[tuple[Location, str, str]]  # place, message, hint
InCampaign = Iterator[tuple[str, Location, str, str]]  # path, place, message, hint


@dataclass(frozen=True)
class ListRule:
    """A rule on a list of recipients alone."""

    id: str
    level: Level
    find: Callable[[Recipients, date], InList]
    online: bool = False  # asked only where the network may be

    def check(self, recipients: Recipients, today: date) -> list[Finding]:
        return [
            Finding(recipients.path, place, self.level, self.id, message, hint)
            for place, message, hint in self.find(recipients, today)
        ]


@dataclass(frozen=True)
class CampaignRule:
    """A rule on the three files together."""

    id: str
    level: Level
    find: Callable[[LoadedCampaign, date], InCampaign]
    online: bool = False

    def check(self, campaign: LoadedCampaign, today: date) -> list[Finding]:
        return [
            Finding(path, place, self.level, self.id, message, hint)
            for path, place, message, hint in self.find(campaign, today)
        ]


LIST_RULES: dict[str, ListRule] = {}
CAMPAIGN_RULES: dict[str, CampaignRule] = {}


def on_list(
    id: str, level: Level, *, online: bool = False
) -> Callable[[Callable[[Recipients, date], InList]], ListRule]:
    """Make a rule on the list of a function."""

    def make(find: Callable[[Recipients, date], InList]) -> ListRule:
        LIST_RULES[id] = made = ListRule(id, level, find, online)
        return made

    return make


def on_campaign(
    id: str, level: Level, *, online: bool = False
) -> Callable[[Callable[[LoadedCampaign, date], InCampaign]], CampaignRule]:
    """Make a rule on the campaign of a function."""

    def make(find: Callable[[LoadedCampaign, date], InCampaign]) -> CampaignRule:
        CAMPAIGN_RULES[id] = made = CampaignRule(id, level, find, online)
        return made

    return make
