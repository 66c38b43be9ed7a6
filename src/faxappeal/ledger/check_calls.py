"""Check calls: one short voice call to a number, to learn whether a fax answers there.

They are claimed as letters are: on disk before Twilio hears of it, so that whatever happens no
second call follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.lifecycle import HoldReason
from . import number_lines, rows, schema

if TYPE_CHECKING:
    from ..campaign.delivery import Delivery
    from ..providers.base import ProviderReport
    from . import Ledger

REST = timedelta(hours=24)  # never twice within it, whatever the campaign
_ENDS = ("called", "not-called")
_log = partial(rows.log, attempt=0, account="twilio")


@dataclass(frozen=True)
class Claim:
    """A check call that was begun."""

    delivery: str
    reference: str  # ours
    sid: str | None  # Twilio's, once it has said
    at: datetime


class CheckCalls:
    """The check calls of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def unfinished(self, address_key: str) -> list[Claim]:
        """Calls to a number that were begun and whose end nobody wrote down, oldest first."""
        found: dict[str, Claim] = {}
        with self._ledger.reading() as connection:
            for row in connection.execute(_events(address_key)):
                if row.event in _ENDS:
                    found.pop(row.reference, None)
                    continue
                before = found.get(row.reference)
                at = before.at if before else datetime.fromisoformat(row.at)
                found[row.reference] = Claim(row.delivery, row.reference, row.account_reference, at)
        return list(found.values())

    def last(self, address_key: str) -> datetime | None:
        """When a number was called last by a check; a call that was not made does not count."""
        with self._ledger.reading() as connection:
            return last(connection, address_key)

    def claim(self, delivery: Delivery, reference: str, gap: timedelta, moment: datetime) -> bool:
        """Take the number's line for a call. Durable when it returns; False where a letter is on
        it, the gap is not over, or it was called within the rest."""
        with self._ledger.transaction() as connection:
            line = number_lines.line(connection, delivery.address_key, gap, delivery.id, moment)
            before = last(connection, delivery.address_key)
            if not line.is_free(moment) or (before and moment - before < REST):
                return False
            _log(connection, delivery.id, "calling", moment, reference=reference)
        return True

    def rings(self, claim: Claim, sid: str, moment: datetime) -> Claim:
        """Twilio has the call."""
        with self._ledger.transaction() as connection:
            details: dict[str, Any] = {"reference": claim.reference, "account_reference": sid}
            _log(connection, claim.delivery, "ringing", moment, **details)
        return replace(claim, sid=sid)

    def end(
        self,
        claim: Claim,
        address_key: str,
        moment: datetime,
        report: ProviderReport,
        note: str,
        *,
        hold: HoldReason | None = None,
        made: bool = True,
    ) -> None:
        """The call is over, or was not made; `hold` is for the number, in every campaign."""
        with self._ledger.transaction() as connection:
            event = "called" if made else "not-called"
            details: dict[str, Any] = {"reference": claim.reference, "note": note}
            _log(connection, claim.delivery, event, moment, report=report, **details)
            if hold:
                rows.put_hold(connection, address_key, hold, moment, claim.delivery)


def last(connection: sql.Connection, address_key: str) -> datetime | None:
    """When a number was called last by a check."""
    begun: dict[str, str] = {}
    for row in connection.execute(_events(address_key)):
        if row.event == "calling":
            begun[row.reference] = row.at
        elif row.event == "not-called":
            begun.pop(row.reference, None)
    return datetime.fromisoformat(max(begun.values())) if begun else None


def _events(address_key: str) -> sql.Select[tuple[str, str, str, str, str]]:
    event = schema.event.c
    return (
        sql.select(event.at, event.delivery, event.event, event.reference, event.account_reference)
        .join(schema.delivery, schema.delivery.c.id == event.delivery)
        .where(schema.delivery.c.address_key == address_key)
        .where(event.event.in_(("calling", "ringing", *_ENDS)))
        .order_by(event.seq)
    )
