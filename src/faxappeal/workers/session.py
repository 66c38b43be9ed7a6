"""What a worker uses for one delivery at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..campaign.delivery import Delivery
from ..campaign.delivery import deliveries as plan_deliveries
from ..campaign.letter import LetterError
from ..campaign.loading import LoadedCampaign
from ..core.clock import Clock
from ..core.errors import SetupError
from ..core.lifecycle import HoldReason
from ..delivery.accounts import Accounts
from ..delivery.assembly import dispatcher_of, mailbox_sync_of
from ..delivery.context import CampaignContext, orphaned
from ..ledger import Ledger, Record
from .folder import CampaignFolder
from .queue import Jobs
from .worker import PlanMismatch, Tell


@dataclass(eq=False)
class WorkerSession:
    """One delivery at a time, with accounts of its own."""

    folder: CampaignFolder
    ledger: Ledger
    clock: Clock
    tell: Tell
    jobs: Jobs

    def __post_init__(self) -> None:
        self._set_up(self.folder.latest)

    def _set_up(self, campaign: LoadedCampaign) -> None:
        self.campaign = campaign
        self.context = CampaignContext(campaign, self.ledger, self.clock.now())
        self.letters = self.context.letters()
        self._accounts = Accounts(campaign.settings)
        self.dispatcher = dispatcher_of(
            self.context,
            self.letters,
            self.clock,
            self._accounts,
            self._changed,
            require_queued_content=True,
        )

    def find(self, record: Record) -> Delivery:
        try:
            self._update()
        except PlanMismatch:
            # while files are being edited, only the account of a letter in progress is asked
            if not record.state.is_in_progress:
                raise
        if self.letters.day != self.context.day:
            self._restart(self.campaign)  # it began before the campaign was first sent
        try:
            return self._find(record)
        except (PlanMismatch, LetterError):
            latest = self.folder.campaign(doubtful=True)
            if latest is not self.campaign:  # for this session alone: it may look the same
                self._restart(latest)
        try:
            return self._find(record)
        except LetterError as error:
            raise PlanMismatch("the letter cannot be written") from error

    def _update(self) -> None:
        latest = self.folder.campaign()
        if latest is not self.campaign and latest != self.campaign:
            self._restart(latest)

    def _restart(self, campaign: LoadedCampaign) -> None:
        self.close()
        self._set_up(campaign)

    def _find(self, record: Record) -> Delivery:
        delivery = None
        if self.campaign.settings.campaign.id == record.campaign:
            # its recipient may have another id by now: that is no other letter
            delivery = self._planned(record, [record.recipient]) or self._planned(record, [])
        if delivery is None:
            if record.state.is_in_progress:
                return orphaned(record, self.context.digest)
            raise PlanMismatch("this folder's list has no such recipient, address or sender")
        if record.state.is_in_progress or self.letters.content_sha256(delivery) == record.ordered:
            return delivery
        raise PlanMismatch("the letter in this folder is not the one that was planned")

    def _planned(self, record: Record, only: Sequence[str]) -> Delivery | None:
        approvals = (record.terms or "").split()
        known = [recipient.id for recipient in self.campaign.recipients]
        digest, sender = self.context.digest, self.context.sender_of(record.sender)
        address_key = digest("address", record.channel, record.address)
        found = plan_deliveries(
            self.campaign.sent_by(sender) if sender else self.campaign,
            digest,
            self.clock.now(),
            only=only,
            accepted=known if HoldReason.UNVERIFIED in approvals else (),
            rounds={record.base: record.round},
            bases={} if sender else {address_key: record.base},
            again="again" in approvals,
            signatory=sender.id if sender else None,
        )
        return next((each for each in found if each.id == record.id), None)

    def _changed(self, delivery: Delivery, record: Record) -> None:
        fields = {
            "event": record.state,
            "campaign": delivery.campaign,
            "delivery": delivery.id,
            "channel": delivery.channel,
            "attempt": record.attempt,
            "account": record.account,
            "cause": record.cause,
        }
        self.tell({name: value for name, value in fields.items() if value is not None})

    def do_chores(self) -> None:
        """What a run does before and after its letters: delete what accounts keep, and read the
        mailbox. Also restore the queue: the ledger knows what belongs into it."""
        with suppress(PlanMismatch):  # while it is being edited, with the last valid state
            self._update()
        id = self.campaign.settings.campaign.id
        self.jobs.delete_old_events()
        self.jobs.put(self.ledger.queries.ordered(id), {})
        self.dispatcher.cleanup.clean_up(id)
        receipts = mailbox_sync_of(self.context, self.letters, self.clock)
        if receipts is None:
            return
        context = CampaignContext(self.campaign, self.ledger, self.clock.now())
        try:
            odd = receipts.sync(context.deliveries(channel="email"))
        except SetupError as error:
            self.tell({"event": "mailbox", "message": error.message})
        else:
            if odd:
                self.tell({"event": "mailbox", "message": f"{len(odd)} e-mails to look at"})

    def close(self) -> None:
        self._accounts.close()
