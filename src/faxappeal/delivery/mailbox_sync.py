"""What a mailbox reports of e-mails that went out, written into the ledger.

SMTP ends with "accepted". What comes later is in the sender's mailbox: that the e-mail arrived,
that it came back, or the copy that shows that the server took an interrupted letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..campaign.delivery import Delivery
from ..campaign.settings import Settings
from ..core.clock import Clock
from ..core.errors import SetupError
from ..core.lifecycle import MAY_HAVE_ARRIVED, State
from ..ledger import Ledger, Record
from ..ledger.purge import STILL_OPEN
from ..providers.base import (
    Accepted,
    Failed,
    Outcome,
    ProviderReport,
    Relayed,
    Unknown,
    Unreachable,
)
from .accounts import open_mailbox
from .retry import POLICIES

if TYPE_CHECKING:
    from ..providers.imap import Mailbox
    from ..providers.incoming_mail import SentEmail, UnmatchedMessage

# a bounce may come after all
_ASKED_ABOUT = tuple(state for state in MAY_HAVE_ARRIVED if state is not State.SUBMITTING)
_AFTER_ALL = "after it was told to be delivered"


def is_open(record: Record | None, now: datetime, *, unknown: bool = False) -> bool:
    """Whether a mailbox may know more of a letter. With `unknown`, only an unknown one counts."""
    if record is None or record.channel != "email" or record.left_at is None or not record.address:
        return False
    states = (State.UNKNOWN,) if unknown else _ASKED_ABOUT
    return record.state in states and now - record.left_at < STILL_OPEN


@dataclass(frozen=True)
class MailboxSync:
    """Looks into the mailbox of a campaign's sender."""

    ledger: Ledger
    clock: Clock
    settings: Settings
    message_id: Callable[[Delivery, str], str]  # of a delivery with that content

    def sync(
        self, deliveries: Sequence[Delivery], *, unknown: bool = False
    ) -> tuple[UnmatchedMessage, ...]:
        """Ask about the letters; what a person should look at. SetupError where the mailbox cannot
        be read: then nothing new is known."""
        asked = [
            (delivery, record)
            for delivery in deliveries
            if (record := self.ledger.queries.get(delivery.id))
            and is_open(record, self.clock.now(), unknown=unknown)
        ]
        if not asked:
            return ()
        with self._opened() as mailbox:
            letters = [self._letter(delivery, record) for delivery, record in asked]
            for letter, (_, record) in zip(letters, asked, strict=True):
                if record.state == State.UNKNOWN and (folder := mailbox.copy_of(letter.message_id)):
                    self._write(letter, Accepted(ProviderReport(raw=f"a copy is in {folder}")))
            from ..providers.incoming_mail import match_notifications

            since = min(record.left_at for _, record in asked if record.left_at)
            news = match_notifications(mailbox.mails(since), letters)
        for letter in letters:
            if letter.id in news.outcomes:
                self._write(letter, news.outcomes[letter.id])
        return news.unmatched

    @contextmanager
    def _opened(self) -> Iterator[Mailbox]:
        mailbox = open_mailbox(self.settings)
        assert mailbox  # else nothing is asked
        with closing(mailbox):
            try:
                yield mailbox
            except Unreachable as error:
                raise SetupError(str(error), "faxappeal accounts tries the mailbox") from error

    def _letter(self, delivery: Delivery, record: Record) -> SentEmail:
        from ..providers.incoming_mail import SentEmail

        assert record.reference  # it left
        message_id = self.message_id(delivery, record.content or "")
        earlier = self.ledger.queries.references(delivery.id) - {record.reference}
        return SentEmail(delivery.id, record.reference, message_id, record.address, earlier=earlier)

    def _write(self, letter: SentEmail, outcome: Outcome) -> None:
        now, report = self.clock.now(), outcome.report
        note = cause = hold = None
        if isinstance(outcome, Unknown):
            return
        if isinstance(outcome, Accepted):
            state: State = State.ACCEPTED
            note = report.raw
        elif isinstance(outcome, Failed):
            state, cause = State.FAILED, outcome.cause
            hold = POLICIES[cause].holds
            before = self.ledger.queries.get(letter.id)
            note = _AFTER_ALL if before and before.state == State.DELIVERED else hold
        else:
            state = State.RELAYED if isinstance(outcome, Relayed) else State.DELIVERED
        self.ledger.attempts.record_receipt(
            letter.id, letter.reference, state, now, report, cause=cause, note=note, hold=hold
        )
