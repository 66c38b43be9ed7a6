"""Letters to send, a ledger in a file, and an account that does as a test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faxappeal.campaign import loading
from faxappeal.campaign.contact import Contact
from faxappeal.campaign.delivery import Delivery, deliveries, keyed
from faxappeal.campaign.recipients import Recipient
from faxappeal.core.lifecycle import ContactStatus
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.ledger import Ledger, Record
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import lock
from faxappeal.ledger.sqlite import SqliteStore
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Delivered,
    Job,
    NotTaken,
    Outcome,
    ProviderReport,
)
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.fakes.null_account import Letters, QuietAccount

NEW_YORK = ZoneInfo("America/New_York")
NEW_YORK_MORNING = timedelta(hours=7)  # after the clock's beginning


@dataclass
class ScriptedAccount(QuietAccount):
    """An account that does as the test says."""

    clock: FakeClock
    supports_lookup: bool = True
    outcomes: list[Outcome | Exception] = field(default_factory=list)
    found: list[Outcome | NotTaken | Exception | None] = field(default_factory=list)
    submitted: list[tuple[datetime, str, str]] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    forgets: list[bool | Exception] = field(default_factory=list)
    forgotten: list[tuple[str, str | None]] = field(default_factory=list)

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        before_send()
        self.submitted.append((self.clock.now(), job.address, job.reference))
        self.documents.append(job.document)
        return self._next(self.outcomes, Accepted(ProviderReport(job.reference)))

    def look_up(self, account_reference: str) -> Outcome:
        return self._next(self.outcomes, Delivered(ProviderReport(account_reference, pages=1)))

    def find(self, job: Job, since: datetime) -> Outcome | NotTaken | None:
        if not self.found:
            return None
        answer = self.found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def forget(self, reference: str, account_reference: str | None) -> bool:
        answer = self.forgets.pop(0) if self.forgets else True
        if isinstance(answer, Exception):
            raise answer
        if answer:
            self.forgotten.append((reference, account_reference))
        return answer

    def _next(self, outcomes: list[Outcome | Exception], otherwise: Outcome) -> Outcome:
        outcome = outcomes.pop(0) if outcomes else otherwise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class World:
    """A campaign, its ledger and its account."""

    folder: Path
    clock: FakeClock
    ledger: Ledger
    account: ScriptedAccount

    def dispatcher(self, **changes: Any) -> Dispatcher:
        return Dispatcher(
            **{
                "ledger": self.ledger,
                "clock": self.clock,
                "letters": Letters(),
                "account": lambda _name: self.account,
                "account_name": lambda _channel: self.account.name,
                "pacing": loaded(self.folder).settings.pacing,
                "archive": Documents(self.ledger.folder / "documents"),
                **changes,
            }
        )

    def deliveries(self) -> list[Delivery]:
        digest = keyed(self.ledger.key)
        holds = self.ledger.queries.holds()
        return deliveries(loaded(self.folder), digest, self.clock.now(), holds=holds)

    def run(self, wait: bool = True) -> list[str]:
        """A run; the state of each delivery, with its cause."""
        deliveries = self.deliveries()
        RunLoop(self.dispatcher(), self.clock, NullObserver()).run(deliveries, wait=wait)
        return self.states()

    def record(self) -> Record:
        """What the ledger has of the only delivery."""
        [delivery] = self.deliveries()
        record = self.ledger.queries.get(delivery.id)
        assert record
        return record

    def states(self) -> list[str]:
        found = []
        for delivery in self.deliveries():
            record = self.ledger.queries.get(delivery.id)
            assert record
            found.append(f"{record.state} {record.cause}" if record.cause else record.state)
        return found

    def rename(self, campaign: str) -> None:
        """The same folder is another campaign from now on."""
        self.change_settings('id = "test"', f'id = "{campaign}"')

    def change_settings(self, words: str, by: str) -> None:
        toml = self.folder / "faxappeal.toml"
        text = toml.read_text(encoding="utf-8")
        assert words in text
        toml.write_text(text.replace(words, by), encoding="utf-8")

    def add_settings(self, text: str) -> None:
        toml = self.folder / "faxappeal.toml"
        toml.write_text(toml.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """A letter to one office, at ten o'clock there. Where the environment names a ledger in a
    database, it is that one."""
    clock.sleep(NEW_YORK_MORNING.total_seconds())
    folder = write(tmp_path / "campaign")
    home = store_of(loading.ledger_section(folder))
    with home.open() as ledger, lock(ledger, "a test"):
        yield World(folder, clock, ledger, ScriptedAccount(clock))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger in a file."""
    with SqliteStore(tmp_path / "ledger" / "ledger.db").open() as ledger:
        yield ledger


def fax_delivery(id: str = "d1", number: str = "+12025550101", **changes: Any) -> Delivery:
    """A letter to an office in New York."""
    return replace(_delivery(id, Contact("fax", number, number, *_LISTED)), **changes)


def email_delivery(id: str = "d1", address: str = "office@example.org", **changes: Any) -> Delivery:
    return replace(_delivery(id, Contact("email", address, address, *_LISTED)), **changes)


_LISTED = (ContactStatus.ACTIVE, "https://www.example.org/contact", date(2026, 11, 1))


def _delivery(id: str, contact: Contact) -> Delivery:
    kind = {contact.channel: contact}
    return Delivery(
        id=id,
        identity=f"identity of {id}",
        base=f"identity of {id}",
        round=1,
        sender="sender",
        campaign="test",
        recipient=Recipient("one", "Office one", country="US", **kind),  # type: ignore[arg-type]
        contact=contact,
        address_key=f"key of {contact.address}",
        zone=NEW_YORK,
    )


def leave(
    ledger: Ledger,
    clock: FakeClock,
    delivery: Delivery,
    account: str = "fake",
    *,
    reference: str = "fa-1",
    content: str = "letter",
) -> Record:
    """The first byte of the delivery's letter leaves for an account."""
    ledger.plan(delivery, clock.now())
    claimed = ledger.attempts.claim(
        delivery,
        reference,
        account=account,
        endpoint="faxappeal@127.0.0.1",
        content=content,
        document="",
        gap=timedelta(0),
        moment=clock.now(),
    )
    assert claimed and ledger.attempts.record_departure(delivery.id, reference, clock.now())
    record = ledger.queries.get(delivery.id)
    assert record
    return record
