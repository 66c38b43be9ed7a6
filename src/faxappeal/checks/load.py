"""Read a campaign and refuse it if it has errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from .. import checks
from ..campaign import loading
from ..campaign.loading import LoadedCampaign
from ..campaign.template_process import TemplateProcess
from ..core.finding import InvalidCampaign, errors
from ..core.lifecycle import HoldReason


def read(folder: Path, today: date, templates: TemplateProcess) -> LoadedCampaign:
    """The campaign in `folder`; InvalidCampaign where `check` finds an error in it.

    A stale contact is no reason to refuse the others: it is held. Nor is a missing account to
    somebody who only looks: whoever sends is told.
    """
    campaign = loading.read(folder, templates)
    found = [f for f in errors(checks.check(campaign, today)) if f.rule not in _NOT_NOW]
    ready = loading.ready(campaign)
    if found or ready is None:
        raise InvalidCampaign(found)
    return ready


_NOT_NOW = frozenset({HoldReason.STALE, "account"})
