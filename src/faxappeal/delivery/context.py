"""What the commands share: the checked campaign, its planned deliveries and its letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from ..campaign.contact import Channel, Contact
from ..campaign.delivery import Delivery, Keyed, keyed, test_deliveries
from ..campaign.delivery import deliveries as plan_deliveries
from ..campaign.loading import LoadedCampaign
from ..campaign.recipients import Recipient
from ..core.address import AddressError
from ..core.errors import UsageError
from ..core.lifecycle import ContactStatus, HoldReason, State
from ..core.text import did_you_mean, show

if TYPE_CHECKING:
    from ..campaign.senders import Signatory
    from ..documents.renderer import Letters
    from ..ledger import Ledger, Record, Round


def refuse_unknown(id: str, known: Sequence[str]) -> None:
    """UsageError where there is no such recipient."""
    if id not in known:
        guess = did_you_mean(id, list(known))
        hint = f"did you mean {guess}?" if guess else f"there are: {', '.join(known[:9])}"
        raise UsageError(f"no recipient {show(id)} in recipients.yaml", hint)


@dataclass(frozen=True)
class CampaignContext:
    """A campaign with its ledger (where there is one), at one moment."""

    campaign: LoadedCampaign
    ledger: Ledger | None
    moment: datetime

    @property
    def digest(self) -> Keyed:
        # without a ledger the hashes mean nothing, but are the same each time
        return keyed(self.ledger.key if self.ledger else bytes(32))

    @property
    def day(self) -> date:
        """The letter's date: the file's, else the day it was first sent, else today."""
        settings = self.campaign.settings.campaign
        sent = self.ledger.queries.first_sent(settings.id) if self.ledger else None
        return settings.date or sent or self.moment.date()

    def sender_of(self, hashed: str) -> Signatory | None:
        """Who of many sent a delivery, by what the ledger keeps of them."""
        return self._senders.get(hashed)

    @cached_property
    def _senders(self) -> dict[str, Signatory]:
        return {
            self.digest("sender", self.campaign.sent_by(each).settings.sender.identity): each
            for each in self.campaign.senders
        }

    def new_senders(self) -> int:
        """How many of those who send a letter each have sent none yet."""
        id = self.campaign.settings.campaign.id
        known = self.ledger.queries.senders(id) if self.ledger else frozenset[str]()
        return len(self._senders.keys() - known)

    def letters(self) -> Letters:
        from ..documents.renderer import Letters

        return Letters(self.campaign, self.day, self.digest)

    def deliveries(
        self,
        only: Sequence[str] = (),
        channel: Channel | None = None,
        accepted: Sequence[str] = (),
        *,
        again: bool = False,
        only_failed: bool = False,
        to_me: bool = False,
        one_sender: bool = False,
    ) -> list[Delivery]:
        """The campaign's deliveries, as `campaign.delivery` has them.

        `again` is for letters that went out, `only_failed` for those that did not: each of them
        gets a round of its own, in which it is once more a letter that is sent once. With `to_me`
        all go to the sender. `one_sender` of many stands for all.
        """
        known = [recipient.id for recipient in self.campaign.recipients]
        for id in (*only, *accepted):
            refuse_unknown(id, known)
        id = self.campaign.settings.campaign.id
        latest = self.ledger.queries.latest(id) if self.ledger else {}
        failed = {base for base, last in latest.items() if last.state == State.FAILED}
        rounds = {
            base: last.round + (base in failed if only_failed else again and last.is_over)
            for base, last in latest.items()
        }
        holds = self.ledger.queries.holds() if self.ledger else {}
        # where many send one each, a letter of another is no letter of this one
        bases = self.ledger.queries.bases(id) if self.ledger and not self.campaign.senders else {}
        senders: Sequence[Signatory | None] = self.campaign.senders or (None,)
        letters = []
        for signatory in senders[:1] if to_me or one_sender else senders:
            letters += plan_deliveries(
                self.campaign.sent_by(signatory) if signatory else self.campaign,
                self.digest,
                self.moment,
                only=only,
                channel=channel,
                accepted=accepted,
                holds=holds,
                rounds=rounds,
                bases=bases,
                again=again,
                signatory=signatory.id if signatory else None,
            )
        if to_me:
            return self._test_letters(letters, latest, holds, again)
        return [each for each in letters if each.base in failed or not only_failed]

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """The campaign's deliveries in the ledger when it was first asked, by their ids."""
        id = self.campaign.settings.campaign.id
        return {each.id: each for each in self.ledger.queries.records(id)} if self.ledger else {}

    def orphaned(self, planned: Iterable[Delivery]) -> list[Delivery]:
        """What is in progress and not in the whole plan: its recipient is no longer in the list."""
        if self.ledger is None:
            return []
        known = {delivery.id for delivery in planned}
        records = self.ledger.queries.under_way(self.campaign.settings.campaign.id)
        return [orphaned(each, self.digest) for each in records if each.id not in known]

    def _test_letters(
        self,
        letters: list[Delivery],
        latest: Mapping[str, Round],
        holds: Mapping[str, HoldReason],
        again: bool,
    ) -> list[Delivery]:
        sender = self.campaign.settings.sender
        if sender.fax is None and any(letter.channel == "fax" for letter in letters):
            hint = "add fax = … to [sender], or rehearse the e-mails alone: --channel email"
            raise UsageError("you have no fax of your own", hint)
        ended = (State.FAILED, State.HELD)  # what is held is held in every further one as well
        try:
            return test_deliveries(
                letters,
                sender,
                self.digest,
                self.moment,
                holds=holds,
                rounds={base: last.round for base, last in latest.items()},
                over={base for base, last in latest.items() if last.is_over or last.state in ended},
                again=again,
            )
        except AddressError as error:
            raise UsageError(f"your own fax number: {error}", "mend fax in [sender]") from error


def orphaned(record: Record, digest: Keyed) -> Delivery:
    """A letter in progress to somebody who is no longer in the list, so that its account can be
    asked for the outcome. Nothing more leaves to that address."""
    channel: Channel = "fax" if record.channel == "fax" else "email"
    contact = Contact(channel, record.address, record.address, ContactStatus.RETIRED, source="")
    return Delivery(
        id=record.id,
        identity=record.base,
        base=record.base,
        round=record.round,
        sender=record.sender,
        campaign=record.campaign,
        recipient=Recipient(record.recipient, record.recipient, country=""),
        contact=contact,
        address_key=digest("address", channel, record.address),
        zone=None,
        hold=HoldReason.NOT_LISTED,
    )
