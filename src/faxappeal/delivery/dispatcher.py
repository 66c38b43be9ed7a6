"""Sending, by one re-entrant step for each delivery. The ledger is the truth: a step may be killed
between any two statements, called twice or called late, and the outcome is the same.

A claim is on disk before the first byte leaves. After it exactly one of accepted, failed or unknown
follows. What cannot be known is `unknown`, and is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ..campaign.delivery import Delivery
from ..core.errors import SetupError
from ..core.lifecycle import Cause, State
from ..ledger import Record
from ..ledger.documents import Documents
from ..ledger.number_lines import CLAIM_LASTS
from ..providers.base import (
    Accepted,
    Channel,
    ClaimLost,
    Failed,
    Job,
    ProviderReport,
    Unknown,
    Unreachable,
    new_reference,
)
from .eligibility import SendPolicy, Wait
from .outcomes import OutcomeRecorder
from .polling import POLL
from .recovery import Recovery

_PROMPT = timedelta(seconds=5)  # to write down that a letter is about to leave


class JobFactory(Protocol):
    """Makes the documents."""

    def job(self, delivery: Delivery, reference: str, moment: datetime) -> Job: ...

    def content_sha256(self, delivery: Delivery) -> str: ...


@dataclass(kw_only=True)
class Dispatcher(OutcomeRecorder):
    """Takes deliveries to their end, as far as the world lets it."""

    letters: JobFactory
    account_name: Callable[[str], str]  # of fax or email
    archive: Documents
    changed: Callable[[Delivery, Record], None] = lambda _delivery, _record: None
    # the delivery as the campaign's files have it at that moment: its hold, its time zone
    current: Callable[[Delivery, datetime], Delivery] = lambda delivery, _moment: delivery
    # no letter leaves but the one that was queued for the workers
    require_queued_content: bool = False
    run_ids: frozenset[str] = frozenset()  # the deliveries of this run: it follows no others

    def poll_pending(self, deliveries: Sequence[Delivery]) -> None:
        """Ask the accounts once about what is in progress; nothing new leaves."""
        for delivery in deliveries:
            record = self.ledger.queries.get(delivery.id)
            if record and record.state.is_in_progress:
                self.step(delivery)

    # -- one step

    def step(self, delivery: Delivery) -> float | None:
        """One step of one delivery; seconds until its next one, or None when there is none.

        It never raises for what the world does.
        """
        ledger = self.ledger
        before = ledger.queries.get(delivery.id) or ledger.plan(delivery, self.clock.now())
        if before.state.is_final:
            return None
        if before.state == State.SUBMITTING:
            seconds = Recovery(self).reconcile(delivery, before)
        elif before.state == State.ACCEPTED:
            seconds = self._follow(delivery, before)
        else:
            seconds = self._attempt(delivery, before)
        after = ledger.queries.get(delivery.id)
        if after is not None and after != before:
            self.changed(delivery, after)
        return seconds

    def _attempt(self, delivery: Delivery, record: Record) -> float | None:
        now = self.clock.now()
        try:
            delivery = self.current(delivery, now)
        except SetupError as error:
            self.stop(error)
            return None
        # a hold is known without the letter, which perhaps cannot be written
        content = "" if delivery.hold else self.letters.content_sha256(delivery)
        if hold := self._policy.holds(delivery, content, now):
            self.ledger.note(delivery.id, State.HELD, now, note=str(hold))
            return None
        if self.stopped:
            return None
        if wait := self._policy.waits(delivery, record, now):
            return self._wait(delivery, wait)
        reference = new_reference()
        try:
            name = self.account_name(delivery.channel)
            channel = self.account(name)
            free = self.ledger.queries.account_free_at(name, channel.gap) or now
            if free > now:
                return (free - now).total_seconds()
            job = self._job(delivery, record, reference, content)
            document = self.archive.put(job.document)
        except SetupError as error:
            self.stop(error)
            return None
        claimed_at = self.clock.now()
        claimed = self.ledger.attempts.claim(
            delivery,
            reference,
            account=name,
            endpoint=channel.endpoint,
            content=content,
            document=document,
            gap=self.pacing.per_number_gap,
            moment=claimed_at,
            account_gap=channel.gap,
            require_queued_content=self.require_queued_content,
        )
        if not claimed:
            return 1.0
        return self._submit(delivery, channel, job, claimed_at)

    def _submit(
        self, delivery: Delivery, channel: Channel, job: Job, claimed_at: datetime
    ) -> float | None:
        """Submit a claimed job, and write down what came of it."""
        attempts = self.ledger.attempts

        def before_send(submitted_at: datetime | None = None) -> None:
            moment = self.clock.now()
            late = moment - claimed_at > CLAIM_LASTS or not self._may_leave(delivery, moment)
            if late or not attempts.record_departure(
                delivery.id, job.reference, moment, submitted_at
            ):
                raise ClaimLost
            if abs(self.clock.now() - moment) > _PROMPT:
                self._look_again(delivery, job.reference)

        try:
            try:
                outcome = channel.submit(job, before_send)
            except ClaimLost:
                return 1.0
            except SetupError as error:
                self.stop(error)
                outcome = Failed(Cause.ACCOUNT, ProviderReport(raw=error.message))
            return self.record_outcome(delivery, job.reference, outcome)
        finally:
            attempts.release_claim(delivery.id, job.reference)

    def _look_again(self, delivery: Delivery, reference: str) -> None:
        """The machine was suspended, or waited for the ledger, when the letter was about to leave:
        what was known is old, and others may have given it up. ClaimLost if it must not leave."""
        moment = self.clock.now()
        record = self.ledger.queries.get(delivery.id)
        if record is None or (record.state, record.reference) != (State.SUBMITTING, reference):
            raise ClaimLost
        is_held = self.ledger.queries.hold(delivery.address_key) is not None
        if is_held or not self._may_leave(delivery, moment):
            report = ProviderReport(raw="stopped before anything left")
            write = self.ledger.attempts.record
            write(delivery.id, reference, State.WAITING, moment, report, counted=False)
            raise ClaimLost

    def _may_leave(self, delivery: Delivery, moment: datetime) -> bool:
        """Whether nothing in the files has come in between since the letter was claimed."""
        try:
            now = self.current(delivery, moment)
        except SetupError as error:
            self.stop(error)
            return False
        if now.hold or (now.channel == "fax" and now.zone is None):
            return False
        return self._policy.opens(now, moment) <= moment

    def _job(self, delivery: Delivery, record: Record, reference: str, content: str) -> Job:
        """The attempt's job; an e-mail that was tried before goes out with the same bytes."""
        tried = record.document if record.content == content else None
        now = self.clock.now()
        if delivery.channel == "email" and tried:
            if document := self.archive.get(tried):
                return Job(reference, delivery.address, document)
            now = record.first_at or now  # another machine has it: made again with the same date
        job = self.letters.job(delivery, reference, now)
        return replace(job, time_left=self._policy.time_left(delivery, now))

    @property
    def _policy(self) -> SendPolicy:
        return SendPolicy(self.ledger, self.pacing)

    def _wait(self, delivery: Delivery, wait: Wait) -> float | None:
        """Note what it waits for. Seconds until then; None where this run does not wait for it."""
        now = self.clock.now()
        if wait.letter in self.run_ids:
            return POLL[0]
        self.ledger.note(
            delivery.id, State.WAITING, now, note=str(wait), cause=wait.cause, next_at=wait.until
        )
        return (wait.until - now).total_seconds() if wait.until else None

    # -- what became of it

    def _follow(self, delivery: Delivery, record: Record) -> float | None:
        """Ask about a letter that the account has."""
        assert record.reference and record.account  # accepted, so claimed
        if delivery.channel == "email":
            return None  # accepted is what SMTP can say
        if record.account_reference is None:
            lost = Unknown(ProviderReport(raw="no reference"))
            return self.record_outcome(delivery, record.reference, lost)
        try:
            channel = self.account(record.account)
            if (retry_after := self.schedule.question(channel)) is not None:
                return retry_after
            outcome = channel.look_up(record.account_reference)
        except SetupError as error:
            self.stop(error)
            return None
        except Unreachable as error:
            if not self.is_old(record):
                return self.schedule.again(record.account, error)
            outcome = Unknown(ProviderReport(raw=f"not to be asked for a day: {error}"))
        if isinstance(outcome, Accepted):
            if not self.is_old(record):
                return self.schedule.poll(record.left_at)
            outcome = Unknown(outcome.report)
        return self.record_outcome(delivery, record.reference, outcome)
