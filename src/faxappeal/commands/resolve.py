"""`faxappeal resolve`: a person has found out what became of a letter that was unknown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..campaign import loading
from ..campaign.loading import settings_of
from ..core.clock import Clock
from ..core.errors import UsageError
from ..core.lifecycle import Resolution, State
from ..core.result import Result
from ..core.text import show
from ..ledger import Ledger, Record
from ..ledger.location import store_of
from ..ledger.locking import lock

SHORTEST = 4  # characters of a delivery's id


@dataclass(frozen=True)
class ResolveResult:
    """The delivery as it stands now."""

    delivery: str  # its id
    recipient: str
    channel: str
    address: str
    state: State


def resolve(folder: Path, clock: Clock, id: str, finding: Resolution, reason: str) -> Result:
    """Settle an unknown delivery of the campaign in `folder`, named by the beginning of its id.

    What was not sent will be sent by the next `send`, with the tries that it has left.
    """
    settings = settings_of(loading.read(folder))
    home = store_of(settings.ledger)
    if not home.exists():
        raise UsageError("nothing was sent yet", "faxappeal send")
    who = f"resolve, since {clock.now():%Y-%m-%d %H:%M}"
    with home.open() as ledger, lock(ledger, who, shared=True):
        record = _find(ledger, settings.campaign.id, id)
        state = State.DELIVERED if finding is Resolution.DELIVERED else State.WAITING
        note = f"{finding}: {reason}" if reason else finding
        if not ledger.settle(record.id, state, clock.now(), note):
            message = f"{record.id} is not unknown but {record.state}"
            raise UsageError(message, "look at faxappeal status")
        settled = ledger.queries.get(record.id)
        assert settled is not None
    data = ResolveResult(
        delivery=settled.id,
        recipient=settled.recipient,
        channel=settled.channel,
        address=settled.address,
        state=settled.state,
    )
    return Result("resolve", data)


def _find(ledger: Ledger, campaign: str, id: str) -> Record:
    records = ledger.queries.records(campaign)
    found = [record for record in records if len(id) >= SHORTEST and record.id.startswith(id)]
    if 0 < len(id) < SHORTEST:
        raise UsageError(f"{show(id)} is too short", f"write at least {SHORTEST} characters of it")
    if len(found) != 1:
        unknown = [record.id for record in records if record.state == State.UNKNOWN]
        hint = f"unknown are: {', '.join(unknown[:9])}" if unknown else "no letter is unknown"
        several = "stands for several deliveries" if len(found) > 1 else "is no delivery"
        raise UsageError(f"{show(id) or 'nothing'} {several} of this campaign", hint)
    return found[0]
