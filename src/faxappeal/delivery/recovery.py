"""What became of a letter whose process was interrupted while it submitted it.

The account is asked by our reference. The letter goes again only if the account proves that it
never had it. A difference of our own clock proves nothing: it may have been set, and the machine
may have been suspended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..campaign.delivery import Delivery
from ..core.errors import SetupError
from ..core.lifecycle import State
from ..ledger import Record
from ..providers.base import (
    Channel,
    Job,
    NotTaken,
    ProviderReport,
    TooEarly,
    Unknown,
    Unreachable,
)
from .outcomes import OutcomeRecorder
from .polling import POLL

# of the time since a claim, by our clock and by the account's: more than a slow question takes
_CLOCKS_AGREE = timedelta(minutes=2)


@dataclass(frozen=True)
class Recovery:
    """Finds out about claims without an outcome."""

    recorder: OutcomeRecorder

    def reconcile(self, delivery: Delivery, record: Record) -> float | None:
        """A claim without an outcome: its process has ended, or lost the connection."""
        assert record.reference and record.account  # claimed
        recorder = self.recorder
        now = recorder.clock.now()
        if not recorder.ledger.attempts.is_abandoned(record):
            return POLL[-1]
        if record.left_at is None:
            report = ProviderReport(raw="interrupted before anything left")
            recorder.ledger.attempts.record(
                delivery.id, record.reference, State.WAITING, now, report, counted=False
            )
            return 0.0
        try:
            channel = recorder.account(record.account)
            slack = recorder.ledger.locking.slack
            settled = record.left_at + max(slack, channel.visibility_delay)
            if record.left_at > now:
                settled = now  # a clock was set: how long ago it was is not known
            if not channel.supports_lookup and not slack:
                settled = now  # no process can still submit it, and the account cannot be asked
            if settled > now:
                return (settled - now).total_seconds()
            if not channel.supports_lookup:
                lost = Unknown(ProviderReport(raw="interrupted while it was being handed over"))
                return recorder.record_outcome(delivery, record.reference, lost)
            if (retry_after := recorder.schedule.question(channel)) is not None:
                return retry_after
            job = Job(record.reference, record.address, b"", submitted_at=record.submitted_at)
            outcome = channel.find(job, record.left_at)
        except SetupError as error:
            recorder.stop(error)
            return None
        except TooEarly as error:
            return error.wait.total_seconds()
        except Unreachable as error:
            if not recorder.is_old(record):
                return recorder.schedule.again(record.account, error)
            outcome = Unknown(ProviderReport(raw=f"not to be asked for a day: {error}"))
        if isinstance(outcome, NotTaken) and self._is_proof(outcome, record, channel):
            report = ProviderReport(raw="interrupted; the account never had it")
            recorder.ledger.attempts.record(
                delivery.id, record.reference, State.WAITING, now, report
            )
            return 0.0
        if outcome is None or isinstance(outcome, NotTaken):
            outcome = Unknown(ProviderReport(raw="interrupted; the account shows no such letter"))
        return recorder.record_outcome(delivery, record.reference, outcome, found_out=True)

    def _is_proof(self, outcome: NotTaken, record: Record, channel: Channel) -> bool:
        """Whether the account that was asked is the one that the letter was handed to, and both
        clocks have counted the same time since: neither was set meanwhile."""
        assert record.left_at
        passed = self.recorder.clock.now() - record.left_at
        return record.endpoint == channel.endpoint and abs(passed - outcome.age) < _CLOCKS_AGREE
