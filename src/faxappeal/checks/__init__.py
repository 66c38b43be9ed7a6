"""What `faxappeal check` looks at: findings from reading the files, and rules on what they say."""

from __future__ import annotations

from datetime import date

from ..campaign import Campaign, ready
from ..finding import Finding
from .rules import RULES


def check(campaign: Campaign, today: date) -> list[Finding]:
    """What is wrong with a campaign, in the order of its files. No network, no secrets."""
    findings = list(campaign.findings)
    whole = ready(campaign)
    if whole is not None:
        for rule in RULES.values():
            findings += rule.check(whole, today)
    if campaign.letter is not None:
        findings += campaign.press.syntax(campaign.letter)
    return sorted(findings, key=lambda finding: finding.order)
