"""What a worker uses for one delivery at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..campaign.delivery import Delivery
from ..campaign.delivery import deliveries as plan_deliveries
from ..campaign.letter import LetterError
from ..campaign.loading import LoadedCampaign
from ..core.clock import Clock
from ..core.errors import SetupError
from ..core.lifecycle import HoldReason
from ..delivery.accounts import Accounts
from ..delivery.assembly import dispatcher_of, mail_receipts_of
from ..delivery.context import CampaignContext, orphaned
from ..ledger import Ledger, Record
from .folder import CampaignFolder
from .queue import Jobs
from .worker import PlanMismatch, Tell


class WorkerSession:
    """One delivery at a time, with accounts of its own."""

    def __init__(
        self, shelf: CampaignFolder, ledger: Ledger, clock: Clock, tell: Tell, jobs: Jobs
    ) -> None:
        self._shelf, self._ledger, self._clock, self._tell = shelf, ledger, clock, tell
        self._jobs = jobs
        self._set_up(shelf.latest)

    def _set_up(self, campaign: LoadedCampaign) -> None:
        self.campaign = campaign
        self.context = CampaignContext(campaign, self._ledger, self._clock.now())
        self.letters = self.context.letters()
        self._accounts = Accounts(campaign.settings)
        self.dispatcher = dispatcher_of(
            self.context,
            self.letters,
            self._clock,
            self._accounts,
            self._changed,
            require_queued_content=True,
        )

    def find(self, record: Record) -> Delivery:
        try:
            self._bring_up_to_date(self._shelf.campaign())
        except PlanMismatch:
            if (
                not record.state.is_in_progress
            ):  # else its account is asked, whatever is being edited
                raise
        if self.letters.day != self.context.day:
            self._start_anew(self.campaign)  # it began before the campaign was first sent
        try:
            return self._find(record)
        except (PlanMismatch, LetterError):
            latest = self._shelf.campaign(doubtful=True)
            if latest is not self.campaign:  # for this desk alone: it may look the same
                self._start_anew(latest)
        try:
            return self._find(record)
        except LetterError as error:
            raise PlanMismatch("the letter cannot be written") from error

    def _bring_up_to_date(self, campaign: LoadedCampaign) -> None:
        if campaign is not self.campaign and campaign != self.campaign:
            self._start_anew(campaign)

    def _start_anew(self, campaign: LoadedCampaign) -> None:
        self.close()
        self._set_up(campaign)

    def _find(self, record: Record) -> Delivery:
        # its recipient may be called otherwise by now: that is no other letter
        delivery = self._planned(record, [record.recipient]) or self._planned(record, [])
        if delivery is None and record.state.is_in_progress:
            return orphaned(record, self.context.digest)
        if delivery is None:
            raise PlanMismatch("this folder's list has no such recipient, address or sender")
        if record.state.is_in_progress or self.letters.content_sha256(delivery) == record.ordered:
            return delivery
        raise PlanMismatch("the letter in this folder is not the one that was planned")

    def _planned(self, record: Record, only: Sequence[str]) -> Delivery | None:
        approvals = (record.terms or "").split()
        known = [recipient.id for recipient in self.campaign.recipients]
        sender = self.context.sender_of(record.sender)
        found = plan_deliveries(
            self.campaign.sent_by(sender) if sender else self.campaign,
            self.context.digest,
            self._clock.now(),
            only=only,
            accepted=known if HoldReason.UNVERIFIED in approvals else (),
            rounds={record.base: record.round},
            bases={} if sender else {self._key(record): record.base},
            again="again" in approvals,
            signatory=sender.id if sender else None,
        )
        return next((each for each in found if each.id == record.id), None)

    def _key(self, record: Record) -> str:
        return self.context.digest("address", record.channel, record.address)

    def _changed(self, delivery: Delivery, record: Record) -> None:
        words = {
            "event": record.state,
            "campaign": delivery.campaign,
            "delivery": delivery.id,
            "channel": delivery.channel,
            "attempt": record.attempt,
            "account": record.account,
            "cause": record.cause,
        }
        self._tell({name: value for name, value in words.items() if value is not None})

    def do_chores(self) -> None:
        """What a run does before and after its letters: delete what accounts keep, and read the
        mailbox. And the queue is looked after: the ledger knows what belongs into it."""
        with suppress(PlanMismatch):  # while it is being edited, with what is known
            self._bring_up_to_date(self._shelf.campaign())
        id = self.campaign.settings.campaign.id
        self._jobs.delete_old_events()
        self._jobs.put(self._ledger.queries.ordered(id), {})
        self.dispatcher.cleanup.clean_up(id)
        mail_receipts = mail_receipts_of(self.context, self.letters, self._clock)
        if mail_receipts is None:
            return
        context = CampaignContext(self.campaign, self._ledger, self._clock.now())
        try:
            odd = mail_receipts.sync(context.deliveries(channel="email"))
        except SetupError as error:
            self._tell({"event": "mailbox", "message": error.message})
        else:
            if odd:
                self._tell({"event": "mailbox", "message": f"{len(odd)} e-mails to look at"})

    def close(self) -> None:
        self._accounts.close()
