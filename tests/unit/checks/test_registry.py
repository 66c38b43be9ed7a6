"""What a rule is: a function's findings with its file, its level and its name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from faxappeal.campaign import recipients
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.recipients import Recipients
from faxappeal.checks import registry
from faxappeal.checks.registry import InCampaign, InList
from faxappeal.core.finding import Finding, Location
from tests.support.appeal import appeal
from tests.support.checked import GOOD, TODAY

PLACE = Location(7, 10)


@pytest.fixture(autouse=True)
def _own_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program's rules are as they were when a test is over."""
    monkeypatch.setattr(registry, "LIST_RULES", {})
    monkeypatch.setattr(registry, "CAMPAIGN_RULES", {})
    yield


def test_a_rule_on_a_list_names_the_lists_file() -> None:
    @registry.on_list("odd", "warning")
    def _odd(recipients: Recipients, today: date) -> InList:
        for recipient in recipients:
            yield PLACE, f"{recipient.id} is odd on {today}", "look again"

    listed = recipients.read(GOOD, "berlin/offices.yaml")
    assert list(registry.LIST_RULES["odd"].check(listed, TODAY)) == [
        Finding(
            "berlin/offices.yaml", PLACE, "warning", "odd", "one is odd on 2026-11-24", "look again"
        )
    ]


def test_a_rule_on_a_campaign_says_itself_which_file() -> None:
    @registry.on_campaign("odd", "error")
    def _odd(campaign: LoadedCampaign, today: date) -> InCampaign:
        yield "letter.j2", PLACE, f"{campaign.settings.campaign.id} is odd", ""

    [finding] = registry.CAMPAIGN_RULES["odd"].check(appeal(), TODAY)
    assert (finding.path, finding.place, finding.level) == ("letter.j2", PLACE, "error")
    assert finding.rule == "odd" and finding.message.endswith(" is odd")


@pytest.mark.parametrize("online", [False, True])
def test_a_rule_keeps_its_manual_page_and_whether_it_asks_others(online: bool) -> None:
    @registry.on_list("odd", "warning", online=online)
    def _odd(recipients: Recipients, today: date) -> InList:
        """What is odd."""
        yield from ()

    rule = registry.LIST_RULES["odd"]
    assert rule.find.__doc__ == "What is odd." and rule.online is online
    assert not registry.CAMPAIGN_RULES
