"""`faxappeal accounts`: whether each account would take a letter. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..campaign import loading
from ..campaign.loading import Campaign
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
    countries = _countries(campaign)
    accounts = {"fax": settings.fax.account, "email": settings.email.account}
    chosen = [channel for channel, account in accounts.items() if account]
    if not chosen and settings.twilio is None:
        account_name(settings, "fax")  # says what to write
    tried = tuple(_try(settings, channel, countries, clock) for channel in chosen)
    if "email" in chosen and settings.email.imap:
        tried = (*tried, Tried("email", "imap", _try_mailbox(settings)))
    if settings.twilio:
        tried = (*tried, Tried("checks", "twilio", _try_twilio(settings.twilio, countries)))
    bad = any(check.ok is False for account in tried for check in account.checks)
    return Result("accounts", AccountsResult(tried), ExitCode.SETUP if bad else ExitCode.OK)


def sign_in(folder: Path, tell: Callable[[str, str], None]) -> None:
    """Sign in to the mail account at its provider; `tell` is called with an address to open and a
    code to type there. SetupError where that cannot be done."""
    settings = loading.settings_of(loading.read(folder))
    table, smtp = settings.email.microsoft, settings.email.smtp
    if table is None or smtp is None or smtp.username is None:
        raise SetupError(
            "only Microsoft's mail accounts are signed in to in this way",
            "add [email.microsoft] with client_id, and username to [email.smtp]",
        )
    microsoft.sign_in(table, smtp.username, tell)


def _countries(campaign: Campaign) -> frozenset[str]:
    """Where the numbers of the campaign are: as far as its list could be read."""
    numbers = [person.fax.address for person in campaign.recipients if person.fax]
    return frozenset(region for number in numbers if (region := number_region(number)))


def _try(settings: Settings, channel: str, countries: frozenset[str], clock: Clock) -> Tried:
    name = account_name(settings, channel)
    try:
        account = open_account(settings, name)
        try:
            checks = tuple(account.check(clock.now(), countries))
        finally:
            account.close()
    except SetupError as error:
        checks = (_not_ready(error),)
    if channel == "email":
        smtp = settings.email.smtp
        checks += tuple(advice((smtp.from_ if smtp else None) or settings.sender.email))
    return Tried(channel, name, checks)


def _try_mailbox(settings: Settings) -> tuple[Probe, ...]:
    try:
        mailbox = open_mailbox(settings)
        assert mailbox  # it is set
        try:
            return tuple(mailbox.check())
        finally:
            mailbox.close()
    except SetupError as error:
        return (_not_ready(error),)
    except Unreachable as error:
        hint = "look at [email.imap]: host, port and security"
        return (Probe("connection", False, str(error), hint),)


def _try_twilio(section: TwilioSection, countries: frozenset[str]) -> tuple[Probe, ...]:
    try:
        account = open_twilio(section)
        try:
            return tuple(account.check(countries, calls=section.allow_calls))
        finally:
            account.close()
    except SetupError as error:
        return (_not_ready(error),)


def _not_ready(error: SetupError) -> Probe:
    return Probe("settings", False, error.message, error.hint)
