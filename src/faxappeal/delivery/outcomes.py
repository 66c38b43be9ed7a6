"""What became of an attempt, written down; and whether and when there is another one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..campaign.delivery import Delivery
from ..config.sections import Pacing
from ..core.clock import Clock
from ..core.errors import SetupError
from ..core.lifecycle import Cause, HoldReason, State, WaitReason
from ..ledger import Ledger, Record
from ..ledger.number_lines import FOLLOW_FOR
from ..ledger.queries import Attempt
from ..providers.base import (
    Accepted,
    Channel,
    Delivered,
    Failed,
    Outcome,
    Relayed,
    Unknown,
)
from .polling import POLL, PollSchedule
from .provider_cleanup import ProviderCleanup
from .retry import POLICIES, Tries, next_attempt


@dataclass(kw_only=True)
class OutcomeRecorder:
    """Writes outcomes into the ledger, by the policy of their causes."""

    ledger: Ledger
    clock: Clock
    account: Callable[[str], Channel]  # by the account's name
    pacing: Pacing
    jitter: Callable[[], float] = random.random
    stopped: SetupError | None = None  # why no further letter leaves in this run

    @property
    def schedule(self) -> PollSchedule:
        return PollSchedule(self.ledger, self.clock)

    @property
    def cleanup(self) -> ProviderCleanup:
        return ProviderCleanup(self.ledger, self.clock, self.account)

    def is_old(self, record: Record) -> bool:
        """Whether its account has had a day to report the outcome."""
        return self.clock.now() - (record.left_at or record.updated_at) >= FOLLOW_FOR

    def stop(self, error: SetupError) -> None:
        """An account is not ready: nothing more leaves in this run."""
        self.stopped = self.stopped or error

    def record_outcome(
        self, delivery: Delivery, reference: str, outcome: Outcome, *, found_out: bool = False
    ) -> float | None:
        """Write the outcome down; seconds until the next step."""
        report = outcome.report
        write = partial(self.ledger.attempts.record, delivery.id, reference)
        if isinstance(outcome, Accepted):
            write(State.ACCEPTED, self.clock.now(), report)
            return None if delivery.channel == "email" else POLL[0]
        before = self.ledger.queries.get(delivery.id)
        assert before and before.account  # claimed
        seconds = None
        if isinstance(outcome, (Relayed, Delivered)):
            state: State = State.RELAYED if isinstance(outcome, Relayed) else State.DELIVERED
            write(state, self.clock.now(), report)
        elif isinstance(outcome, Unknown):
            was_submitting = before.state == State.SUBMITTING
            channel = self.account(before.account)
            if was_submitting and channel.supports_lookup and not found_out:
                return channel.visibility_delay.total_seconds()  # then the account is asked for it
            write(State.UNKNOWN, self.clock.now(), report, note=report.raw or None)
            if was_submitting:
                return None  # the account may still need the document
        else:
            seconds = self._record_failure(before, reference, outcome)
        # the attempt has ended: its document is deleted at the account, where it keeps one
        known = report.account_reference or before.account_reference
        self.cleanup.attempt(Attempt(delivery.id, reference, before.account, known))
        return seconds

    def _record_failure(self, record: Record, reference: str, outcome: Failed) -> float | None:
        assert record.account and record.first_at  # claimed
        now, cause = self.clock.now(), outcome.cause
        retry_after = self.schedule.silence(record.account, outcome.retry_after)
        if cause is Cause.ACCOUNT:
            hint = "look at its credentials, balance and permissions"
            message = f"the account {record.account} refuses: {outcome.report.raw}"
            self.stop(SetupError(message, hint))
        write = partial(
            self.ledger.attempts.record, record.id, reference, report=outcome.report, cause=cause
        )
        pacing = self.pacing
        tries = Tries(record.attempt, record.first_at, pacing.attempts, pacing.give_up_after)
        wait = next_attempt(cause, tries, now, at_least=retry_after, jitter=self.jitter())
        if wait is None:
            hold = POLICIES[cause].holds
            state: State = State.HELD if hold is HoldReason.VOICE else State.FAILED
            write(state, now, note=hold, hold=hold)
            return None
        next_at = now + wait
        write(State.WAITING, now, note=WaitReason.RETRY, next_at=next_at, counted=cause.takes_a_try)
        return None if cause is Cause.ACCOUNT else wait.total_seconds()
