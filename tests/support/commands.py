"""A command's surroundings: a campaign in a folder, its ledger, an account that a test answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from faxappeal.campaign.delivery import Delivery, keyed
from faxappeal.campaign.loading import ledger_section
from faxappeal.campaign.recipients import Recipient
from faxappeal.commands.environment import Environment
from faxappeal.commands.plan_rows import SendPlan
from faxappeal.commands.selection import Choice
from faxappeal.commands.send_plan import make_plan
from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.delivery.context import CampaignContext
from faxappeal.documents import renderer
from faxappeal.ledger import Ledger
from faxappeal.ledger.location import store_of
from tests.support import ledgers
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.fakes.null_account import Letters
from tests.support.renderer import InProcess
from tests.support.world import NEW_YORK_MORNING, ScriptedAccount

HYLAFAX = '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n'
SMTP = '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "mail.example.org"\n'
NUMBER = "+12025550101"
OWN_FAX = "+1 202 555 0199"


@dataclass(frozen=True)
class _Text:
    sha256: str


class PlainLetters(Letters):
    """A line of text for each letter, in place of its pages."""

    def content(self, _recipient: Recipient, _signatory: str | None = None) -> _Text:
        return _Text("test".ljust(64, "0"))

    def message_id(self, delivery: Delivery, _content: str) -> str:
        return f"<fa.{delivery.id}@example.org>"


@dataclass
class Surroundings:
    """A campaign, the clock, and an account that does as a test says."""

    folder: Path
    clock: FakeClock
    account: ScriptedAccount
    opened: list[str] = field(default_factory=list)  # the accounts, by their names

    @property
    def environment(self) -> Environment:
        return Environment(self.folder, self.clock, InProcess())

    def write(self, *recipients: str, settings: str = HYLAFAX) -> None:
        """Another list, each recipient as `id fax` or `id email`, with the same letter."""
        write(self.folder, list(recipients), settings=settings)

    def change(self, name: str, words: str, by: str) -> None:
        """Other words in a file of the campaign."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert words in text
        path.write_text(text.replace(words, by), encoding="utf-8")

    def rename(self, campaign: str) -> None:
        """The same folder is another campaign from now on."""
        path = self.folder / "faxappeal.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'\bid = "[a-z]+"', f'id = "{campaign}"', text), encoding="utf-8")

    def add_own_fax(self) -> None:
        self.change("faxappeal.toml", "[sender]\n", f'[sender]\nfax = "{OWN_FAX}"\n')

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, made on first use."""
        with store_of(ledger_section(self.folder)).open() as ledger:
            yield ledger

    @contextmanager
    def context(self) -> Iterator[CampaignContext]:
        """The campaign with its ledger, as it is now."""
        with self.ledger() as ledger:
            yield CampaignContext(loaded(self.folder), ledger, self.clock.now())

    @contextmanager
    def plan(self, choice: Choice | None = None) -> Iterator[SendPlan]:
        """A plan of letters without pages."""
        letters = cast(renderer.Letters, PlainLetters())
        with self.context() as context:
            yield make_plan(context, choice or Choice(), render="texts", letters=letters)

    def end(
        self,
        state: State,
        *recipients: str,
        at: datetime | None = None,
        choice: Choice | None = None,
        **more: Any,
    ) -> None:
        """Bring letters into a state; all of them where no recipient is named."""
        with self.context() as context:
            chosen = replace(choice or Choice(), only=recipients)
            found = context.deliveries(chosen.only, to_me=chosen.to_me)
            for number, letter in enumerate(found):
                moment, reference = at or self.clock.now(), f"fa-{letter.id}-{number}"
                assert context.ledger
                ledgers.end(context.ledger, letter, state, moment, reference, **more)

    def hold(self, reason: HoldReason, number: str = NUMBER) -> None:
        """A hold on a number, for all campaigns."""
        with self.ledger() as ledger:
            key = keyed(ledger.key)("address", "fax", number)
            ledgers.put_hold(ledger, reason, self.clock.now(), key)

    def held(self, number: str = NUMBER) -> HoldReason | None:
        """What the ledger holds a number for."""
        with self.ledger() as ledger:
            return ledger.queries.hold(keyed(ledger.key)("address", "fax", number))

    def states(self) -> dict[str, State]:
        """Of each recipient's letter that the ledger has."""
        with self.ledger() as ledger:
            return {each.recipient: each.state for each in ledger.queries.records("test")}

    def events(self, recipient: str | None = None) -> list[str]:
        with self.ledger() as ledger:
            return [each.event for each in ledger.queries.events("test", recipient)]


@pytest.fixture
def around(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A campaign of one fax, at ten o'clock in its recipient's office."""
    clock.sleep(NEW_YORK_MORNING.total_seconds())
    folder = write(tmp_path / "campaign", [f"one {NUMBER}"], settings=HYLAFAX)
    found = Surroundings(folder, clock, ScriptedAccount(clock))

    def open_account(_settings: object, name: str) -> ScriptedAccount:
        found.opened.append(name)
        return found.account

    monkeypatch.setattr("faxappeal.delivery.accounts.open_account", open_account)
    return found
