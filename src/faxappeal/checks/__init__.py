"""What `faxappeal check` looks at: findings from reading the files, and rules on what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..campaign.letter import FILE as LETTER
from ..campaign.loading import RECIPIENTS, Campaign, ready
from ..campaign.recipients import Recipients
from ..campaign.settings import FILE as SETTINGS
from ..core.finding import Finding
from . import placeholders, suppressions
from .registry import CAMPAIGN_RULES, LIST_RULES, Rule, Subject
from .rules import campaign as _campaign  # noqa: F401  its rules are known when it is loaded
from .rules import online as _online  # noqa: F401
from .rules import page as _page  # noqa: F401
from .rules import recipients as _recipients  # noqa: F401


def check(campaign: Campaign, today: date, *, online: bool = False) -> list[Finding]:
    """What is wrong with a campaign, in the order of its files. No secrets, and no network but
    where it may be `online`."""
    findings = [*campaign.findings, *_by_rules(LIST_RULES, campaign.recipients, today, online)]
    if whole := ready(campaign):
        findings += _by_rules(CAMPAIGN_RULES, whole, today, online)
    if campaign.letter is not None:
        findings += campaign.templates.syntax(campaign.letter)
    texts = {name: campaign.texts[name] for name in (RECIPIENTS, LETTER, SETTINGS)}
    return _after_marks(findings, texts, online)


def check_list(
    recipients: Recipients, text: str, today: date, *, online: bool = False
) -> list[Finding]:
    """What is wrong with a list of recipients that has no campaign around it."""
    findings = [*recipients.findings, *_by_rules(LIST_RULES, recipients, today, online)]
    return _after_marks(findings, {recipients.path: text}, online)


def _by_rules(
    rules: Mapping[str, Rule[Subject]], subject: Subject, today: date, online: bool
) -> Iterator[Finding]:
    for rule in rules.values():
        if online or not rule.online:
            yield from rule.check(subject, today)


def _after_marks(findings: list[Finding], texts: Mapping[str, str], online: bool) -> list[Finding]:
    """The findings, sorted, after what the files' `texts` say about them: marks and comments."""
    rules: list[Rule[Any]] = [*LIST_RULES.values(), *CAMPAIGN_RULES.values()]
    skipped = [rule.id for rule in rules if rule.online and not online]
    for path, text in texts.items():
        findings = suppressions.apply(findings, path, text, skipped)
        findings = placeholders.apply(findings, path, text)
    return sorted(findings, key=lambda finding: finding.order)
