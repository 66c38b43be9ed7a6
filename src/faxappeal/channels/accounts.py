"""The accounts of a campaign: from its settings and secrets to a channel that can send."""

from __future__ import annotations

from ..errors import SetupError
from ..secrets import secret
from ..settings import Settings
from . import Channel


def open_account(settings: Settings, name: str) -> Channel:
    """The channel of an account by its name; SetupError says what is missing."""
    if name == "smtp":
        return _smtp(settings)
    account = settings.fax.table(name)
    if account is None:
        raise _no_table(f"fax.{name}")
    return account.open(settings)


def account_name(settings: Settings, channel: str) -> str:
    """The account that letters of a channel go through."""
    name = settings.fax.account if channel == "fax" else settings.email.account
    if name is None:
        raise SetupError(
            f"no account for {channel} is chosen",
            f'add account = "…" to [{channel}] in faxappeal.toml',
        )
    return name


def _smtp(settings: Settings) -> Channel:
    from .smtp import Smtp

    account = settings.email.smtp
    if account is None:
        raise _no_table("email.smtp")
    login = None
    if account.username:
        login = (account.username, secret(account, "password", "email", "smtp"))
    sender = account.from_ or settings.sender.email
    return Smtp(account.host, account.port, account.security, sender, login, account.ca_file)


def _no_table(name: str) -> SetupError:
    return SetupError(f"the account's settings are missing: [{name}]", f"add [{name}]")
