"""What became of an attempt, written down; and whether and when there is another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..campaign.delivery import Delivery
from ..config.sections import Pacing
from ..core.clock import Clock
from ..core.errors import SetupError
from ..core.lifecycle import Cause, HoldReason, State, WaitReason
from ..ledger import Ledger
from ..ledger.queries import Attempt
from ..providers.base import (
    Accepted,
    Channel,
    Delivered,
    Failed,
    Outcome,
    ProviderReport,
    Relayed,
    Unknown,
)
from .polling import POLL, PollSchedule
from .provider_cleanup import ProviderCleanup
from .retry import POLICIES, wait_after


@dataclass(frozen=True)
class OutcomeRecorder:
    """Writes outcomes into the ledger, by the policy of their causes."""

    ledger: Ledger
    clock: Clock
    account: Callable[[str], Channel]  # by the account's name
    pacing: Pacing
    polls: PollSchedule
    jitter: Callable[[], float]
    stop: Callable[[SetupError], None]  # nothing more leaves in this run

    def record(
        self, delivery: Delivery, reference: str, outcome: Outcome, *, found_out: bool = False
    ) -> float | None:
        """Write the outcome down; seconds until the next step."""
        now = self.clock.now()
        report = outcome.report
        if isinstance(outcome, Accepted):
            self.ledger.attempts.record(delivery.id, reference, State.ACCEPTED, now, report)
            return None if delivery.channel == "email" else POLL[0]
        before = self.ledger.queries.get(delivery.id)
        if isinstance(outcome, (Relayed, Delivered)):
            state: State = State.RELAYED if isinstance(outcome, Relayed) else State.DELIVERED
            self.ledger.attempts.record(delivery.id, reference, state, now, report)
            seconds = None
        elif isinstance(outcome, Unknown):
            seconds = self._unknown(delivery, reference, report, found_out)
            if before and before.state == State.SUBMITTING:
                return seconds  # the account may still need the document
        else:
            seconds = self._failure(delivery, reference, outcome)
        self._forget(delivery, reference, report)
        return seconds

    def _forget(self, delivery: Delivery, reference: str, report: ProviderReport) -> None:
        """An attempt is over: its document is deleted at the account, where it keeps one."""
        record = self.ledger.queries.get(delivery.id)
        if record and record.account:
            known = report.account_reference or record.account_reference
            self.cleanup.attempt(Attempt(delivery.id, reference, record.account, known))

    @property
    def cleanup(self) -> ProviderCleanup:
        return ProviderCleanup(self.ledger, self.clock, self.account)

    def _unknown(
        self, delivery: Delivery, reference: str, report: ProviderReport, found_out: bool
    ) -> float | None:
        record = self.ledger.queries.get(delivery.id)
        assert record and record.account  # claimed
        channel = self.account(record.account)
        if record.state == State.SUBMITTING and channel.supports_lookup and not found_out:
            return channel.visibility_delay.total_seconds()  # then the account is asked for it
        self.ledger.attempts.record(
            delivery.id, reference, State.UNKNOWN, self.clock.now(), report, note=report.raw or None
        )
        return None

    def _failure(self, delivery: Delivery, reference: str, outcome: Failed) -> float | None:
        now = self.clock.now()
        record = self.ledger.queries.get(delivery.id)
        assert record and record.account and record.first_at  # claimed
        cause, hold = outcome.cause, POLICIES[outcome.cause].holds
        retry_after = self.polls.silence(record.account, outcome.retry_after)
        if cause is Cause.ACCOUNT:
            self.stop(
                SetupError(
                    f"the account {record.account} refuses: {outcome.report.raw}",
                    "look at its credentials, balance and permissions",
                )
            )
        wait = wait_after(cause, record.attempt, self.jitter())
        wait = max(wait, retry_after) if wait is not None else None
        attempts_exhausted = record.attempt >= self.pacing.attempts and cause is not Cause.ACCOUNT
        expired = wait is not None and now + wait > record.first_at + self.pacing.give_up_after
        if wait is None or attempts_exhausted or expired:
            self.ledger.attempts.record(
                delivery.id,
                reference,
                State.HELD if hold is HoldReason.VOICE else State.FAILED,
                now,
                outcome.report,
                cause=cause,
                note=hold,
                hold=hold,
            )
            return None
        self.ledger.attempts.record(
            delivery.id,
            reference,
            State.WAITING,
            now,
            outcome.report,
            cause=cause,
            note=WaitReason.RETRY,
            next_at=now + wait,
            counted=cause is not Cause.ACCOUNT,
        )
        return None if cause is Cause.ACCOUNT else wait.total_seconds()
