"""Sending the letters of a plan: a run of `send`, or what `status` asks the accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..campaign.delivery import Delivery
from ..core.clock import Clock
from ..core.errors import ExitCode, SetupError
from ..core.lifecycle import Fate
from ..core.result import Problem, Result, problem_of
from ..delivery.accounts import Accounts
from ..delivery.assembly import dispatcher_of, mailbox_sync_of
from ..delivery.cancellation import Cancellation
from ..delivery.run_loop import RunLoop, RunObserver
from ..ledger import Ledger
from ..ledger.locking import LedgerLocked, lock
from .plan_rows import Row, SendPlan, SendResult, with_fate
from .selection import Choice

if TYPE_CHECKING:
    from ..providers.incoming_mail import UnmatchedMessage


class Run:
    """Sends a confirmed plan; `interrupt` stops it between two steps."""

    def __init__(self, plan: SendPlan, clock: Clock, observer: RunObserver) -> None:
        assert plan.context.ledger  # a live plan has one
        self.plan, self.clock, self.ledger = plan, clock, plan.context.ledger
        self._accounts = Accounts(plan.context.campaign.settings)
        self.dispatcher = dispatcher_of(
            plan.context, plan.letters, clock, self._accounts, observer.changed
        )
        self.queue = RunLoop(self.dispatcher, clock, observer)
        self._withdrawal = Cancellation(self.dispatcher)
        self.mailbox_sync = mailbox_sync_of(plan.context, plan.letters, clock)
        self.odd: tuple[UnmatchedMessage, ...] = ()
        self.unread: SetupError | None = None  # why the mailbox was not read

    def go(self, *, wait: bool = True) -> Result:
        """Send until all is settled, or with `wait` off as far as it goes now."""
        with self._locked():
            moment = self.clock.now()
            if not self.plan.choice.to_me:  # test letters are no first sending
                self.ledger.start(self.plan.campaign, self.plan.context.day)
            deliveries = [row.delivery for row in self.plan.rows]
            # a new round is durable before any letter of the run leaves: whatever stops the run,
            # the next one goes on with it and begins no third
            self.ledger.plan_all(deliveries, moment)
            for row in self.plan.rows:
                explain(self.ledger, row, moment, self.plan.choice)
            self.dispatcher.cleanup.clean_up(self.plan.campaign)
            self.dispatcher.poll_pending(self.plan.left_behind)
            self.dispatcher.stopped = None  # an account of former days hinders no new letter
            self._learn(deliveries, unknown=True)  # an earlier run's
            self.queue.run(deliveries, wait=wait)
            if not self.queue.interrupted:
                self._learn(deliveries, unknown=True)
        return self._result()

    def poll_pending(self, *, mailbox: bool = True) -> None:
        """Ask the accounts about what is in progress, and the mailbox about what went out."""
        with self._locked():
            deliveries = [row.delivery for row in self.plan.rows]
            self.dispatcher.poll_pending((*deliveries, *self.plan.left_behind))
            self.dispatcher.cleanup.clean_up(self.plan.campaign)
            if mailbox:
                self._learn(deliveries)

    def _learn(self, deliveries: Sequence[Delivery], *, unknown: bool = False) -> None:
        """Ask the mailbox about e-mails that went out."""
        if self.mailbox_sync is None:
            return
        try:
            self.odd = self.mailbox_sync.sync(deliveries, unknown=unknown)
        except SetupError as error:
            self.unread = error

    def tidy(self) -> None:
        """What earlier runs left: letters to recipients who left the list, and documents at the
        accounts. If another process is sending, it does that."""
        cleanup = self.dispatcher.cleanup
        if self.plan.left_behind or cleanup.left(self.plan.campaign):
            with suppress(LedgerLocked), self._locked():
                self.dispatcher.poll_pending(self.plan.left_behind)
                cleanup.clean_up(self.plan.campaign)

    @property
    def withdrawable(self) -> list[Delivery]:
        """The letters in progress that their account can be asked to cancel."""
        return [row.delivery for row in self.plan.rows if self._withdrawal.possible(row.delivery)]

    def withdraw(self) -> Result:
        """Ask the accounts to cancel what is in progress."""
        with self._locked():
            for delivery in self.withdrawable:
                self._withdrawal.withdraw(delivery)
        return self._result()

    def interrupt(self) -> None:
        """Stop after the step that is being made."""
        self.queue.interrupt()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The ledger is locked; what the accounts keep open is closed in the end."""
        who = f"campaign {self.plan.campaign}, since {self.clock.now():%Y-%m-%d %H:%M}"
        with lock(self.ledger, who), closing(self._accounts):
            yield

    def _current(self, delivery: Delivery, moment: datetime) -> Delivery:
        try:
            return self.dispatcher.current(delivery, moment)
        except SetupError:  # that is why the run stopped
            return delivery

    def _result(self) -> Result:
        moment = self.clock.now()
        rows = tuple(
            with_fate(
                replace(
                    row,
                    delivery=self._current(row.delivery, moment),
                    record=self.ledger.queries.get(row.delivery.id),
                    until=None,
                    fresh=row.fate is not Fate.SENT,
                ),
                self.plan.context,
                moment,
            )
            for row in self.plan.rows
        )
        stopped = self.dispatcher.stopped
        problems = tuple(problem_of(error) for error in (stopped, self.unread) if error)
        if self.queue.interrupted:
            hint = f"the same command{self.plan.choice.without} goes on where it stopped"
            problems = (*problems, Problem("interrupted", "interrupted", hint))
        code = exit_code(rows, stopped=bool(stopped), interrupted=self.queue.interrupted)
        return Result("send", SendResult(self.plan, rows, stopped=bool(stopped)), code, problems)


def explain(ledger: Ledger, row: Row, moment: datetime, choice: Choice) -> None:
    """Log why a person sends what would not go by itself."""
    if row.fate not in (Fate.GOES, Fate.WAITS):
        return
    delivery = row.delivery
    if row.record is None and (delivery.again or delivery.round > 1):
        event = "rehearsal" if choice.to_me else "again"
        ledger.add_event(delivery.id, event, moment, "asked for")
    if delivery.recipient.id in choice.accepted:
        ledger.add_event(delivery.id, "accepted-unverified", moment, choice.reason or "")


def exit_code(rows: Sequence[Row], *, stopped: bool = False, interrupted: bool = False) -> ExitCode:
    """What a script should know. Where several hold: 130, then 5, 4, 3."""
    if interrupted:
        return ExitCode.INTERRUPTED
    if stopped:
        return ExitCode.SETUP
    fates = {row.fate for row in rows}
    if Fate.UNKNOWN in fates or any(row.is_open for row in rows):
        return ExitCode.UNKNOWN
    if fates - {Fate.SENT, Fate.UNKNOWN}:
        return ExitCode.INCOMPLETE
    return ExitCode.OK
