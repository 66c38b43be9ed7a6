"""Attempts: the claim before anything leaves, and what became of it afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.lifecycle import OPEN, HoldReason, State, check_transition
from . import number_lines, rows, schema
from .model import Record, stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery
    from ..providers.base import ProviderReport
    from . import Ledger

_delivery = schema.delivery.c
_AWAITED = (State.SUBMITTING, State.ACCEPTED, State.RELAYED)  # an attempt whose end may come


class Attempts:
    """The attempts to send the deliveries of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def claim(
        self,
        delivery: Delivery,
        reference: str,
        *,
        account: str,
        endpoint: str,
        content: str,
        document: str,
        gap: timedelta,
        moment: datetime,
        account_gap: timedelta = timedelta(0),
        require_queued_content: bool = False,
    ) -> bool:
        """Take an attempt before its first byte leaves; False where somebody else was quicker, or
        the letter is not `require_queued_content`: the workers were left another one meanwhile.

        Durable when it returns. On a number's line there is one letter at a time, `gap` apart;
        the account gets its letters `account_gap` apart. SetupError where the lock is lost.
        """
        self._ledger.locking.renew()
        with self._ledger.transaction() as connection:
            ready = number_lines.account_free_at(connection, account, account_gap)
            if ready is not None and ready > moment:
                return False
            if delivery.channel == "fax":
                key = delivery.address_key
                line = number_lines.line(connection, key, gap, delivery.id, moment)
                if not line.is_free(moment):
                    return False
            is_open = (_delivery.id == delivery.id) & _delivery.state.in_(OPEN)
            row = rows.find(connection, is_open)
            if row is None or (require_queued_content and row.ordered != content):
                return False
            attempt = row.attempt + 1
            check_transition(row.state, State.SUBMITTING)
            details: dict[str, Any] = {"reference": reference, "account": account}
            details["document"] = document
            values = details | {
                "state": State.SUBMITTING,
                "cause": None,
                "note": None,
                "address": delivery.address,  # purged, where an old unknown is sent after all
                "account_reference": None,
                "claimant": self._ledger.locking.claimant,
                "endpoint": endpoint,
                "submitted_at": None,
                "content": content,
                "first_at": row.first_at or stamp(moment),
                "claimed_at": stamp(moment),
                "left_at": None,
                "next_at": None,
                "updated_at": stamp(moment),
            }
            is_as_read = is_open & (_delivery.attempt == row.attempt)
            if not rows.update(connection, values | {"attempt": attempt}, is_as_read):
                return False
            rows.log(connection, delivery.id, State.SUBMITTING, moment, attempt=attempt, **details)
        return True

    def record_departure(
        self, id: str, reference: str, moment: datetime, submitted_at: datetime | None = None
    ) -> bool:
        """Record that the first byte is about to leave: at `submitted_at` by the account's clock.
        False if the claim is no longer this one, if its claimant may not be known to be alive, or
        if the address has been held since."""
        with self._ledger.transaction() as connection:
            row = rows.get_row(connection, id)
            if not self._ledger.locking.is_held(connection) or rows.is_held(connection, id):
                return False
            if row.channel == "fax" and number_lines.is_taken(connection, row, moment):
                return False
            is_claimed = rows.update(
                connection,
                {"left_at": stamp(moment), "submitted_at": stamp(submitted_at)},
                _is_attempt(id, reference),
                _delivery.state == State.SUBMITTING,
                _delivery.left_at.is_(None),
                _delivery.claimant.is_not_distinct_from(self._ledger.locking.claimant),
            )
            if not is_claimed:
                return False
            details = {"reference": reference, "account": row.account}
            rows.log(connection, id, "leaving", moment, attempt=row.attempt, **details)
        return True

    def release_claim(self, id: str, reference: str) -> None:
        """Whoever claimed the letter has done what it could: anybody may find out the rest."""
        if self._ledger.locking.claimant is None:
            return
        is_claimed = _is_attempt(id, reference) & _delivery.claimant.is_not(None)
        with self._ledger.transaction() as connection:
            rows.update(connection, {"claimant": None}, is_claimed)

    def is_abandoned(self, record: Record) -> bool:
        """Whether nobody can be about to hand over a letter that was claimed."""
        with self._ledger.transaction() as connection:
            return self._ledger.locking.is_gone(connection, record.claimant)

    def record(
        self,
        id: str,
        reference: str,
        state: State,
        moment: datetime,
        report: ProviderReport | None = None,
        *,
        cause: str | None = None,
        note: str | None = None,
        next_at: datetime | None = None,
        hold: HoldReason | None = None,
        counted: bool = True,
    ) -> bool:
        """What became of an attempt; False where it is not the delivery's attempt any more.

        One that is not `counted` takes nothing from the tries that the letter has.
        """
        values: dict[str, Any] = {"state": state, "cause": cause, "note": note}
        values |= {"next_at": stamp(next_at), "claimant": None}
        if state == State.HELD:
            values["ordered"] = None
        if report and report.account_reference:
            values["account_reference"] = report.account_reference
        with self._ledger.transaction() as connection:
            row = rows.get_row(connection, id)
            if row.reference != reference or row.state not in _AWAITED:
                return self._record_late(connection, row, reference, values, moment, report)
            if not counted:
                values["attempt"] = row.attempt - 1
            rows.write_outcome(connection, row, values, moment, report, hold)
        return True

    def _record_late(
        self,
        connection: Connection,
        row: Any,
        reference: str,
        values: dict[str, Any],
        moment: datetime,
        report: ProviderReport | None,
    ) -> bool:
        """An outcome of an attempt that others have given up meanwhile, or have found out about. It
        is in the log in any case. If the letter may have arrived by it, and nothing else has left
        since, the letter does not go again. False where the state stays as it is."""
        state: State = values["state"]
        is_replaced = row.reference != reference
        is_free = row.state.is_open or row.state == State.UNKNOWN
        if is_replaced:  # by an attempt that has not left, and now does not
            is_free = is_free or (row.state == State.SUBMITTING and row.left_at is None)
        arrived_after_all = (row.state, state) == (State.FAILED, State.DELIVERED)
        stops = (is_free and state.may_have_arrived and row.state != state) or arrived_after_all
        details = {"reference": reference, "account": row.account}
        note = f"late: {values['note'] or state}"
        details |= {"cause": values["cause"], "note": note}
        event = state if stops else "late"
        if stops:
            check_transition(row.state, state)
            changed = {**values, "reference": reference, "updated_at": stamp(moment)}
            rows.update(connection, changed, _delivery.id == row.id)
        rows.log(connection, row.id, event, moment, attempt=row.attempt, report=report, **details)
        return stops

    def record_receipt(
        self,
        id: str,
        reference: str,
        state: State,
        moment: datetime,
        report: ProviderReport,
        *,
        cause: str | None = None,
        note: str | None = None,
        hold: HoldReason | None = None,
    ) -> bool:
        """Evidence of an attempt that was handed over came in later; False where it tells nothing
        that was not known."""
        with self._ledger.transaction() as connection:
            row = rows.find(connection, _is_attempt(id, reference))
            if row is None or not 0 <= row.state.certainty <= state.certainty:
                return False
            if row.state == state and (state != State.ACCEPTED or row.note == note):
                return False
            values = {"state": state, "cause": cause, "note": note}
            rows.write_outcome(connection, row, values, moment, report, hold)
        return True


def _is_attempt(id: str, reference: str) -> sql.ColumnElement[bool]:
    return (_delivery.id == id) & (_delivery.reference == reference)
