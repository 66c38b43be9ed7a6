"""What `faxappeal check` looks at: findings from reading the files, and rules on what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..campaign.letter import FILE as LETTER
from ..campaign.loading import RECIPIENTS, Campaign, ready
from ..campaign.recipients import Recipients
from ..campaign.settings import FILE as SETTINGS
from ..core.finding import Finding
from . import placeholders, suppressions
from .registry import CAMPAIGN_RULES, LIST_RULES, CampaignRule, ListRule
from .rules import campaign as _campaign  # noqa: F401  its rules are known when it is loaded
from .rules import online as _online  # noqa: F401
from .rules import page as _page  # noqa: F401
from .rules import recipients as _recipients  # noqa: F401


def check(campaign: Campaign, today: date, *, online: bool = False) -> list[Finding]:
    """What is wrong with a campaign, in the order of its files. No secrets, and no network but
    where it may be `online`."""
    findings = list(campaign.findings)
    whole = ready(campaign)
    findings += _on_list(campaign.recipients, today, online)
    if whole is not None:
        for rule in CAMPAIGN_RULES.values():
            if online or not rule.online:
                findings += rule.check(whole, today)
    if campaign.letter is not None:
        findings += campaign.templates.syntax(campaign.letter)
    for name in (RECIPIENTS, LETTER, SETTINGS):
        findings = _looked_through(findings, name, campaign.texts[name], online)
    return sorted(findings, key=lambda finding: finding.order)


def check_list(
    recipients: Recipients, text: str, today: date, *, online: bool = False
) -> list[Finding]:
    """What is wrong with a list of recipients that has no campaign around it."""
    findings = [*recipients.findings, *_on_list(recipients, today, online)]
    findings = _looked_through(findings, recipients.path, text, online)
    return sorted(findings, key=lambda finding: finding.order)


def _on_list(recipients: Recipients, today: date, online: bool) -> list[Finding]:
    rules = [rule for rule in LIST_RULES.values() if rule.id not in _skipped(online)]
    return [finding for rule in rules for finding in rule.check(recipients, today)]


def _looked_through(
    findings: Sequence[Finding], path: str, text: str, online: bool
) -> list[Finding]:
    """The findings of a file, after what stands in it about them: marks and comments."""
    found = list(suppressions.apply(findings, path, text, _skipped(online)))
    return list(placeholders.apply(found, path, text))


def _skipped(online: bool) -> list[str]:
    """The rules that the network would be needed for."""
    rules: list[ListRule | CampaignRule] = [*LIST_RULES.values(), *CAMPAIGN_RULES.values()]
    return [rule.id for rule in rules if rule.online and not online]
