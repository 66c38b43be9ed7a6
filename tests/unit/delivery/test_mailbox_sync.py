"""What a mailbox reports of e-mails that went out, as it is written into the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest

from faxappeal.campaign import settings as campaign_settings
from faxappeal.campaign.delivery import Delivery
from faxappeal.campaign.settings import Settings
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause, State
from faxappeal.delivery.mailbox_sync import MailboxSync, is_open
from faxappeal.ledger import Ledger, Record
from faxappeal.providers.base import ProviderReport, Unreachable
from faxappeal.providers.incoming_mail import Mail
from tests.support.campaigns import SETTINGS
from tests.support.clock import FakeClock
from tests.support.world import email_delivery, fax_delivery, leave

EMAIL = email_delivery()


@dataclass
class Mailbox:
    """The sender's mailbox, which has these messages, and these copies by Message-ID."""

    messages: list[Mail] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    trouble: Exception | None = None
    is_open: bool = False

    def mails(self, since: datetime) -> Iterator[Mail]:
        if self.trouble:
            raise self.trouble
        return (mail for mail in self.messages if mail.at and mail.at >= since)

    def copy_of(self, message_id: str) -> str | None:
        return self.copies.get(message_id)

    def close(self) -> None:
        self.is_open = False


@dataclass
class Receipts:
    """A mailbox, the ledger, and what asks the one for the other."""

    ledger: Ledger
    clock: FakeClock
    mailbox: Mailbox
    looks: int = 0

    @property
    def settings(self) -> Settings:
        values, _ = campaign_settings.read(SETTINGS)
        assert values
        return values

    def opened(self, _settings: Settings) -> Mailbox:
        self.looks += 1
        self.mailbox.is_open = True
        return self.mailbox

    def left(
        self,
        delivery: Delivery = EMAIL,
        state: State = State.ACCEPTED,
        *,
        reference: str = "fa-1",
        **details: Any,
    ) -> None:
        """The e-mail has left, and has come to a state."""
        leave(self.ledger, self.clock, delivery, "smtp", reference=reference)
        report = ProviderReport("queue-1")
        now = self.clock.now()
        self.ledger.attempts.record(delivery.id, reference, state, now, report, **details)

    def sync(self, *deliveries: Delivery, unknown: bool = False) -> list[tuple[str, str]]:
        """What a person should look at, by kind and delivery."""
        receipts = MailboxSync(
            self.ledger, self.clock, self.settings, lambda letter, _content: message_id(letter)
        )
        found = receipts.sync(deliveries or [EMAIL], unknown=unknown)
        assert not self.mailbox.is_open
        return [(each.kind, each.letter) for each in found]

    def arrives(self, raw: bytes, after: float = 60) -> None:
        self.clock.sleep(after)
        head = message_from_bytes(raw)
        is_notification = head.get_content_type() == "multipart/report"
        mail = Mail("INBOX", self.clock.now(), head, raw if is_notification else b"")
        self.mailbox.messages.append(mail)

    def now(self, delivery: Delivery = EMAIL) -> Record:
        record = self.ledger.queries.get(delivery.id)
        assert record
        return record


@pytest.fixture
def receipts(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Receipts:
    found = Receipts(ledger, FakeClock(), Mailbox())
    monkeypatch.setattr("faxappeal.delivery.mailbox_sync.open_mailbox", found.opened)
    return found


def message_id(delivery: Delivery) -> str:
    return f"<fa.{delivery.id}@example.org>"


def notification(
    action: str,
    status: str = "2.0.0",
    *,
    envelope: str = "fa-1",
    address: str = EMAIL.address,
) -> bytes:
    """A notification (RFC 3464) of the e-mail that left in this envelope."""
    return f"""\
From: MAILER-DAEMON@mail.example.org
Subject: Delivery status
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Original-Envelope-Id: {envelope}

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id(EMAIL)}

--b--
""".encode()


def answer(to: Delivery) -> bytes:
    return f"""\
From: Office <{to.address}>
In-Reply-To: {message_id(to)}
Auto-Submitted: auto-replied

Out of office.
""".encode()


# -- what is asked about -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "in_progress", "unknown"),
    [
        (State.SUBMITTING, False, False),
        (State.ACCEPTED, True, False),
        (State.RELAYED, True, False),
        (State.DELIVERED, True, False),
        (State.UNKNOWN, True, True),
        (State.FAILED, False, False),
        (State.WAITING, False, False),
        (State.HELD, False, False),
        (State.PLANNED, False, False),
    ],
)
def test_a_mailbox_may_know_more_of_what_may_have_arrived(
    receipts: Receipts, state: State, in_progress: bool, unknown: bool
) -> None:
    receipts.left()
    record = replace(receipts.now(), state=state)
    assert is_open(record, receipts.clock.now()) is in_progress
    assert is_open(record, receipts.clock.now(), unknown=True) is unknown


@pytest.mark.parametrize(
    ("changes", "days", "expected"),
    [
        ({}, 0, True),
        ({}, 13, True),
        ({}, 15, False),
        ({"left_at": None}, 0, False),
        ({"address": ""}, 0, False),
        ({"channel": "fax"}, 0, False),
    ],
    ids=["just left", "13 days", "15 days", "never left", "purged", "fax"],
)
def test_no_mailbox_knows_of_what_is_long_ago_or_never_left(
    receipts: Receipts, changes: dict[str, Any], days: int, expected: bool
) -> None:
    receipts.left()
    record = replace(receipts.now(), **changes)
    assert is_open(record, receipts.clock.now() + timedelta(days=days)) is expected


def test_of_a_letter_that_the_ledger_does_not_have_no_mailbox_knows() -> None:
    assert not is_open(None, FakeClock().now())


@pytest.mark.parametrize("state", [State.FAILED, State.WAITING])
def test_a_mailbox_is_not_opened_without_a_question(receipts: Receipts, state: State) -> None:
    receipts.left(state=state, cause=Cause.PROVIDER)
    assert receipts.sync() == [] and receipts.looks == 0


def test_a_fax_is_no_question_for_a_mailbox(receipts: Receipts) -> None:
    receipts.left(fax_delivery())
    assert receipts.sync(fax_delivery()) == [] and receipts.looks == 0


# -- what it says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "state", "cause", "hold"),
    [
        (notification("delivered"), State.DELIVERED, None, None),
        (notification("relayed"), State.RELAYED, None, None),
        (notification("expanded"), State.RELAYED, None, None),
        (notification("failed", "5.1.1"), State.FAILED, "bounce", "failing"),
        (notification("failed", "5.7.1"), State.FAILED, "refused", None),
        (notification("failed", "4.4.7"), State.FAILED, "expired", None),
        (notification("delivered", address="other@example.org"), State.ACCEPTED, None, None),
        (notification("delivered", envelope="fa-9"), State.ACCEPTED, None, None),
    ],
    ids=[
        *("delivered", "relayed", "alias", "no such mailbox", "refused", "expired"),
        *("of somebody else", "of another envelope"),
    ],
)
def test_what_a_notification_changes(
    receipts: Receipts, raw: bytes, state: State, cause: str | None, hold: str | None
) -> None:
    receipts.left()
    receipts.arrives(raw)
    receipts.sync()
    assert (receipts.now().state, receipts.now().cause) == (state, cause)
    assert receipts.ledger.queries.holds() == ({EMAIL.address_key: hold} if hold else {})


def test_a_delay_is_noted_with_the_servers_words(receipts: Receipts) -> None:
    receipts.left()
    receipts.arrives(notification("delayed", "4.4.1"))
    receipts.sync()
    assert (receipts.now().state, receipts.now().note) == (State.ACCEPTED, "delayed 4.4.1")


def test_the_same_notification_is_written_down_once(receipts: Receipts) -> None:
    receipts.left()
    receipts.arrives(notification("delivered"))
    receipts.sync()
    events = len(receipts.ledger.queries.events("test"))
    receipts.sync()
    assert len(receipts.ledger.queries.events("test")) == events


def test_a_bounce_that_comes_after_all_says_so(receipts: Receipts) -> None:
    receipts.left()
    receipts.arrives(notification("delivered"))
    receipts.sync()
    receipts.arrives(notification("failed", "5.1.1"), after=3600)
    receipts.sync()
    record = receipts.now()
    assert (record.state, record.cause) == (State.FAILED, "bounce")
    assert record.note == "after it was told to be delivered"


def test_a_message_from_before_the_letter_left_is_not_about_it(receipts: Receipts) -> None:
    receipts.arrives(notification("delivered"))
    receipts.clock.sleep(60)
    receipts.left()
    receipts.sync()
    assert receipts.now().state is State.ACCEPTED


def test_each_letter_gets_its_own_news(receipts: Receipts) -> None:
    others: Sequence[Delivery] = [
        email_delivery(f"d{number}", f"office{number}@example.org") for number in (2, 3)
    ]
    for number, delivery in enumerate((EMAIL, *others), 1):
        receipts.left(delivery, reference=f"fa-{number}")
    receipts.arrives(notification("delivered"))
    receipts.arrives(
        notification("failed", "5.1.1", envelope="fa-2", address="office2@example.org")
    )
    receipts.sync(EMAIL, *others)
    states = [receipts.now(delivery).state for delivery in (EMAIL, *others)]
    assert states == [State.DELIVERED, State.FAILED, State.ACCEPTED]


def test_a_notification_of_an_earlier_attempt_is_no_news_and_nothing_odd(
    receipts: Receipts,
) -> None:
    receipts.left(state=State.WAITING, cause=Cause.PROVIDER)
    receipts.left(reference="fa-2")
    receipts.arrives(notification("failed", "5.1.1"))
    assert receipts.sync() == []
    assert receipts.now().state is State.ACCEPTED


def test_an_answer_is_left_to_a_person(receipts: Receipts) -> None:
    receipts.left()
    receipts.arrives(answer(EMAIL))
    assert receipts.sync() == [("auto-reply", "d1")]
    assert receipts.now().state is State.ACCEPTED


# -- an interrupted letter ---------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [True, False], ids=["before a run", "by faxappeal status"])
def test_a_copy_proves_that_the_server_took_an_interrupted_letter(
    receipts: Receipts, unknown: bool
) -> None:
    receipts.left(state=State.UNKNOWN)
    receipts.mailbox.copies[message_id(EMAIL)] = "Sent"
    receipts.sync(unknown=unknown)
    assert (receipts.now().state, receipts.now().note) == (State.ACCEPTED, "a copy is in Sent")


def test_without_a_copy_an_interrupted_letter_stays_unknown(receipts: Receipts) -> None:
    receipts.left(state=State.UNKNOWN)
    receipts.mailbox.copies["<another@example.org>"] = "Sent"
    receipts.sync()
    assert receipts.now().state is State.UNKNOWN


def test_a_copy_of_a_letter_that_the_server_took_is_no_news(receipts: Receipts) -> None:
    receipts.left()
    receipts.mailbox.copies[message_id(EMAIL)] = "Sent"
    before = receipts.ledger.queries.events("test")
    receipts.sync()
    assert receipts.ledger.queries.events("test") == before and receipts.now().note is None


def test_a_notification_says_more_than_the_copy(receipts: Receipts) -> None:
    receipts.left(state=State.UNKNOWN)
    receipts.mailbox.copies[message_id(EMAIL)] = "INBOX"
    receipts.arrives(notification("delivered"))
    receipts.sync()
    assert receipts.now().state is State.DELIVERED


def test_before_a_run_only_interrupted_letters_are_asked_about(receipts: Receipts) -> None:
    receipts.left()
    receipts.arrives(notification("delivered"))
    assert receipts.sync(unknown=True) == []
    assert receipts.looks == 0 and receipts.now().state is State.ACCEPTED


# -- a mailbox that cannot be read -------------------------------------------------------------------


def test_a_mailbox_out_of_reach_changes_nothing_and_says_what_to_do(receipts: Receipts) -> None:
    receipts.left()
    receipts.mailbox.trouble = Unreachable("imap.example.org does not answer")
    with pytest.raises(SetupError, match="does not answer") as caught:
        receipts.sync()
    assert "faxappeal accounts" in caught.value.hint
    assert receipts.now().state is State.ACCEPTED and not receipts.mailbox.is_open


def test_a_mailbox_that_refuses_the_password_says_so_itself(receipts: Receipts) -> None:
    receipts.left()
    receipts.mailbox.trouble = SetupError("the mailbox refuses erika")
    with pytest.raises(SetupError, match="refuses erika"):
        receipts.sync()
    assert not receipts.mailbox.is_open
