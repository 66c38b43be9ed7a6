"""`faxappeal accounts`: whether each account would take a letter. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..campaign import loading
from ..campaign.settings import Settings
from ..config.sections import TwilioSection
from ..core.address import number_region
from ..core.clock import Clock
from ..core.errors import ExitCode, SetupError
from ..core.result import Result
from ..delivery.accounts import account_name, open_account, open_mailbox
from ..providers import microsoft
from ..providers.base import Probe, Unreachable
from ..providers.domain_checks import advice
from ..providers.twilio import open_twilio


@dataclass(frozen=True)
class Tried:
    """An account, and what was found."""

    channel: str
    account: str
    checks: tuple[Probe, ...]


@dataclass(frozen=True)
class AccountsResult:
    """Those that the settings choose."""

    accounts: tuple[Tried, ...]


def accounts(folder: Path, clock: Clock) -> Result:
    """Try the accounts of the campaign in `folder`; SetupError where it chooses none."""
    campaign = loading.read(folder)
    settings = loading.settings_of(campaign)
    # of the countries, as far as the list could be read
    numbers = [recipient.fax.address for recipient in campaign.recipients if recipient.fax]
    countries = frozenset(region for number in numbers if (region := number_region(number)))
    if not (settings.fax.account or settings.email.account or settings.twilio):
        account_name(settings, "fax")  # says what to write
    tried = []
    if name := settings.fax.account:
        tried.append(Tried("fax", name, _probe(_try(settings, name, countries, clock))))
    if name := settings.email.account:
        smtp = settings.email.smtp
        sender = (smtp.from_ if smtp else None) or settings.sender.email
        checks = (*_probe(_try(settings, name, countries, clock)), *advice(sender))
        tried.append(Tried("email", name, checks))
        if settings.email.imap:
            tried.append(Tried("email", "imap", _probe(_try_mailbox(settings))))
    if settings.twilio:
        checks = _probe(_try_twilio(settings.twilio, countries))
        tried.append(Tried("checks", "twilio", checks))
    bad = any(check.ok is False for account in tried for check in account.checks)
    return Result("accounts", AccountsResult(tuple(tried)), ExitCode.SETUP if bad else ExitCode.OK)


def sign_in(folder: Path, show: Callable[[str, str], None]) -> None:
    """Sign in to the mail account at its provider; `show` is called with an address to open and a
    code to type there. SetupError where that cannot be done."""
    settings = loading.settings_of(loading.read(folder))
    table, smtp = settings.email.microsoft, settings.email.smtp
    if table is None or smtp is None or smtp.username is None:
        raise SetupError(
            "only Microsoft's mail accounts are signed in to in this way",
            "add [email.microsoft] with client_id, and username to [email.smtp]",
        )
    microsoft.sign_in(table, smtp.username, show)


def _probe(checks: Iterable[Probe]) -> tuple[Probe, ...]:
    """What the checks found, or what keeps them from beginning."""
    try:
        return tuple(checks)
    except SetupError as error:
        return (Probe("settings", False, error.message, error.hint),)


def _try(settings: Settings, name: str, countries: frozenset[str], clock: Clock) -> Iterator[Probe]:
    with closing(open_account(settings, name)) as account:
        yield from account.check(clock.now(), countries)


def _try_mailbox(settings: Settings) -> Iterator[Probe]:
    try:
        mailbox = open_mailbox(settings)
        assert mailbox  # it is set
        with closing(mailbox):
            yield from mailbox.check()
    except Unreachable as error:
        hint = "look at [email.imap]: host, port and security"
        yield Probe("connection", False, str(error), hint)


def _try_twilio(section: TwilioSection, countries: frozenset[str]) -> Iterator[Probe]:
    with closing(open_twilio(section)) as account:
        yield from account.check(countries, calls=section.allow_calls)
