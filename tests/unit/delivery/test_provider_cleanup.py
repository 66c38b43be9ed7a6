"""Deleting what accounts keep of letters that have ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import State
from faxappeal.delivery.provider_cleanup import ProviderCleanup
from faxappeal.ledger import Ledger
from faxappeal.providers import fax
from faxappeal.providers.base import ProviderReport, Unreachable
from tests.support.clock import FakeClock
from tests.support.world import ScriptedAccount, fax_delivery, leave

KEEPING = [name for name in fax.names() if fax.forgets(name)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def account(clock: FakeClock) -> ScriptedAccount:
    return ScriptedAccount(clock)


@pytest.fixture
def cleanup(ledger: Ledger, clock: FakeClock, account: ScriptedAccount) -> ProviderCleanup:
    return ProviderCleanup(ledger, clock, lambda _name: account)


End = Callable[..., None]


@pytest.fixture
def end(ledger: Ledger, clock: FakeClock) -> End:
    """A letter that left through an account and came to an end."""

    def ended(name: str = "sinch", state: State = State.DELIVERED) -> None:
        leave(ledger, clock, fax_delivery(), name)
        ledger.attempts.record("d1", "fa-1", state, clock.now(), ProviderReport("theirs-1"))

    return ended


def events(ledger: Ledger) -> list[tuple[str, str | None]]:
    return [
        (event.event, event.note)
        for event in ledger.queries.events("test")
        if "forgotten" in event.event
    ]


@pytest.mark.parametrize("name", KEEPING)
def test_what_an_account_keeps_is_deleted_once(
    ledger: Ledger, cleanup: ProviderCleanup, account: ScriptedAccount, end: End, name: str
) -> None:
    end(name)
    assert len(cleanup.left("test")) == 1
    cleanup.clean_up("test")
    cleanup.clean_up("test")
    assert account.forgotten == [("fa-1", "theirs-1")]
    assert events(ledger) == [("forgotten", None)] and not cleanup.left("test")


@pytest.mark.parametrize("name", [*sorted(set(fax.names()) - set(KEEPING)), "smtp", "no-such"])
def test_an_account_that_keeps_nothing_is_not_asked(
    ledger: Ledger, cleanup: ProviderCleanup, account: ScriptedAccount, end: End, name: str
) -> None:
    end(name)
    assert not cleanup.left("test")
    [attempt] = ledger.queries.unforgotten("test", cleanup.clock.now() - timedelta(days=1))
    cleanup.attempt(attempt)
    assert not account.forgotten and not events(ledger)


def test_a_letter_that_the_account_still_needs_is_kept(
    cleanup: ProviderCleanup, account: ScriptedAccount, end: End
) -> None:
    end(state=State.ACCEPTED)
    cleanup.clean_up("test")
    assert not account.forgotten


def test_a_document_that_cannot_be_deleted_is_reported_once_and_tried_again(
    ledger: Ledger, cleanup: ProviderCleanup, account: ScriptedAccount, end: End
) -> None:
    end()
    account.forgets = [Unreachable("HTTP 503"), Unreachable("HTTP 502")]
    cleanup.clean_up("test")
    cleanup.clean_up("test")
    assert events(ledger) == [("not-forgotten", "HTTP 503")]
    cleanup.clean_up("test")
    assert events(ledger)[1:] == [("forgotten", None)] and len(account.forgotten) == 1


@pytest.mark.parametrize(
    "answer", [SetupError("no key_secret is known"), False], ids=["not ready", "not known which"]
)
def test_what_was_not_deleted_is_left_to_the_next_run(
    ledger: Ledger,
    cleanup: ProviderCleanup,
    account: ScriptedAccount,
    end: End,
    answer: bool | Exception,
) -> None:
    end()
    account.forgets = [answer]
    cleanup.clean_up("test")
    assert not events(ledger) and len(cleanup.left("test")) == 1


def test_an_account_that_cannot_be_opened_hinders_nothing(
    ledger: Ledger, clock: FakeClock, end: End
) -> None:
    def closed(name: str) -> ScriptedAccount:
        raise SetupError(f"the account's settings are missing: [fax.{name}]")

    end()
    cleanup = ProviderCleanup(ledger, clock, closed)
    cleanup.clean_up("test")
    assert not events(ledger) and len(cleanup.left("test")) == 1


@pytest.mark.parametrize(("days", "tried"), [(29, True), (31, False)])
def test_after_a_month_the_account_has_deleted_it_itself(
    cleanup: ProviderCleanup, account: ScriptedAccount, end: End, days: int, tried: bool
) -> None:
    end()
    cleanup.clock.sleep(days * 86400)
    cleanup.clean_up("test")
    assert bool(account.forgotten) is tried


def test_another_campaigns_letters_are_left_to_its_own_run(
    cleanup: ProviderCleanup, account: ScriptedAccount, end: End
) -> None:
    end()
    cleanup.clean_up("other")
    assert not account.forgotten
