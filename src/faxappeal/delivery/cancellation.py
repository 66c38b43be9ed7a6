"""Cancelling a letter that an account has already, because a person says so."""

from __future__ import annotations

from dataclasses import dataclass

from ..campaign.delivery import Delivery
from ..core.errors import SetupError
from ..core.lifecycle import State
from ..ledger.queries import Attempt
from ..providers.base import Accepted, Cancelling, ProviderReport, Unreachable
from .dispatcher import Dispatcher

_TAKEN = "taken back"


@dataclass(frozen=True)
class Cancellation:
    """What was never dialled waits for the next run; anything else ends as its account says."""

    dispatcher: Dispatcher

    def possible(self, delivery: Delivery) -> bool:
        """Whether the letter is at an account that can be asked to give it up."""
        return self._account(delivery) is not None

    def withdraw(self, delivery: Delivery) -> None:
        """Ask the account. Where it cannot be asked, the letter is followed by the next run."""
        dispatcher = self.dispatcher
        ledger = dispatcher.ledger
        record, account = ledger.queries.get(delivery.id), self._account(delivery)
        if record is None or account is None:
            return
        reference, account_reference = record.reference, record.account_reference
        assert reference and record.account and account_reference  # accepted
        try:
            outcome = account.withdraw(account_reference)
        except (SetupError, Unreachable):
            return
        if outcome is None:
            now, report = dispatcher.clock.now(), ProviderReport(account_reference)
            ledger.attempts.record(
                delivery.id, reference, State.WAITING, now, report, note=_TAKEN, counted=False
            )
            attempt = Attempt(delivery.id, reference, record.account, account_reference)
            dispatcher.cleanup.attempt(attempt)
        elif not isinstance(outcome, Accepted):
            dispatcher.record_outcome(delivery, reference, outcome)

    def _account(self, delivery: Delivery) -> Cancelling | None:
        record = self.dispatcher.ledger.queries.get(delivery.id)
        if record is None or record.state != State.ACCEPTED or delivery.channel != "fax":
            return None
        try:
            channel = self.dispatcher.account(record.account or "")
        except SetupError:
            return None
        return channel if isinstance(channel, Cancelling) else None
