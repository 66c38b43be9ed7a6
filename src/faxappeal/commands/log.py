"""`faxappeal log`: every event, oldest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..campaign import loading
from ..core.result import Result
from ..delivery.context import refuse_unknown
from ..ledger import Event
from ..ledger.location import store_of


@dataclass(frozen=True)
class Logged:
    """The events of a campaign."""

    campaign: str
    events: tuple[Event, ...]
    total: int = 0  # of the campaign, whatever was asked for

    def as_data(self) -> dict[str, Any]:
        return {"campaign": self.campaign, "events": [event_data(e) for e in self.events]}


def event_data(event: Event) -> dict[str, Any]:
    """An event for JSON, its time in UTC."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(event).items()
    }


COLUMNS = tuple(field.name for field in fields(Event))  # of a table of events


def log(
    folder: Path,
    *,
    recipient: str | None = None,
    since: date | None = None,
    events: Collection[str] = (),
) -> Result:
    """What happened in the campaign in `folder`; nothing where it was never sent. With `events`,
    only those."""
    campaign = loading.read(folder)
    settings = loading.settings_of(campaign)
    ledger = store_of(settings.ledger).read()
    if ledger is None:
        return Result("log", Logged(settings.campaign.id, ()))
    with ledger:
        found = ledger.queries.events(settings.campaign.id)
    total = len(found)
    if recipient is not None:
        # of the list, or of an earlier one
        known = [person.id for person in campaign.recipients] + [each.recipient for each in found]
        refuse_unknown(recipient, list(dict.fromkeys(known)))
        found = [event for event in found if event.recipient == recipient]
    told = tuple(
        event
        for event in found
        if (since is None or event.at.astimezone().date() >= since)
        and (not events or event.event in events)
    )
    return Result("log", Logged(settings.campaign.id, told, total))
