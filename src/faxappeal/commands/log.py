"""`faxappeal log`: every event, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import WrapSerializer

from ..campaign import loading
from ..core.json import Internal
from ..core.result import Result
from ..delivery.context import refuse_unknown
from ..ledger import Event
from ..ledger.location import store_of


def _in_utc(event: Event, as_data: Callable[[Event], dict[str, Any]]) -> dict[str, Any]:
    return as_data(event) | {"at": event.at.isoformat()}


@dataclass(frozen=True)
class LogResult:
    """The events of a campaign."""

    campaign: str
    events: tuple[Annotated[Event, WrapSerializer(_in_utc)], ...]
    total: Internal[int] = 0  # of the campaign, whatever was asked for


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
    id = settings.campaign.id
    ledger = store_of(settings.ledger).read()
    if ledger is None:
        return Result("log", LogResult(id, ()))
    with ledger:
        found = ledger.queries.events(id)
    total = len(found)
    if recipient is not None:
        # of the list, or of an earlier one
        known = [each.id for each in campaign.recipients] + [each.recipient for each in found]
        refuse_unknown(recipient, list(dict.fromkeys(known)))
        found = [event for event in found if event.recipient == recipient]
    chosen = tuple(
        event
        for event in found
        if (since is None or event.at.astimezone().date() >= since)
        and (not events or event.event in events)
    )
    return Result("log", LogResult(id, chosen, total))
