"""The accounts of a campaign: from its settings and secrets to a channel that can send."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..campaign.settings import Settings
from ..config.secrets import secret
from ..config.sections import ImapAccount, SmtpAccount
from ..core.errors import SetupError
from ..providers import fax
from ..providers.base import Channel
from ..providers.sign_in import Login

if TYPE_CHECKING:
    from ..providers.imap import Mailbox

_FRESH = 30 * 60.0  # seconds; a provider's token lasts an hour


def open_account(settings: Settings, name: str) -> Channel:
    """The channel of an account by its name; SetupError says what is missing."""
    if name == "smtp":
        return _smtp(settings)
    account = settings.fax.table(name)
    if not isinstance(account, fax.FaxAccount):
        raise _no_table(f"fax.{name}")
    return account.open(settings.fax, settings.publish)


class Accounts:
    """The accounts of a campaign. Each is opened when it is first used, and again in a long run,
    before its token expires."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, tuple[Channel, float]] = {}  # and since when

    def __call__(self, name: str) -> Channel:
        known, opened_at = self._open.get(name, (None, 0.0))
        if known and time.monotonic() - opened_at <= _FRESH:
            return known
        try:
            channel = open_account(self._settings, name)
        except SetupError:  # a keyring may be locked by now, and the old password still be good
            if known is None:
                raise
            channel = known
        else:
            if known:
                known.close()
        self._open[name] = channel, time.monotonic()
        return channel

    def close(self) -> None:
        """Close the sessions. The accounts can be used again, with the secrets as they are then."""
        while self._open:
            self._open.popitem()[1][0].close()


def account_name(settings: Settings, channel: str) -> str:
    """The account that letters of a channel go through."""
    name = settings.fax.account if channel == "fax" else settings.email.account
    if name is None:
        raise SetupError(
            f"no account for {channel} is chosen",
            f'add account = "…" to [{channel}] in faxappeal.toml',
        )
    return name


def open_mailbox(settings: Settings) -> Mailbox | None:
    """The mailbox of the e-mails' sender, where one is set. It connects when it is first read."""
    from ..providers.imap import Mailbox

    account, smtp = settings.email.imap, settings.email.smtp
    if account is None:
        return None
    user = account.username or (smtp.username if smtp else None)
    own = (account.password, account.password_command, account.token, account.token_command)
    if smtp and user == smtp.username and not any(own):
        login = _login(settings, smtp, user, "smtp")
    else:
        login = _login(settings, account, user, "imap")
    if login is None:
        raise SetupError(
            "the mailbox needs a sign-in: email.imap.username is missing",
            "add username to [email.imap], or to [email.smtp] for both",
        )
    return Mailbox(account.host, account.port, account.security, login, ca_file=account.ca_file)


def _smtp(settings: Settings) -> Channel:
    from ..providers.smtp import Smtp

    account = settings.email.smtp
    if account is None:
        raise _no_table("email.smtp")
    sender = account.from_ or settings.sender.email
    imap = settings.email.imap
    return Smtp(
        host=account.host,
        port=account.port,
        security=account.security,
        sender=sender,
        login=_login(settings, account, account.username, "smtp"),
        ca_file=account.ca_file,
        copy_to=sender if imap and imap.copy_to_self else None,
    )


def _login(
    settings: Settings, account: SmtpAccount | ImapAccount, user: str | None, table: str
) -> Login | None:
    """How to sign in; None where no user name is set."""
    if user is None:
        return None
    if settings.email.microsoft:
        from ..providers.microsoft import token

        return Login(user, token(settings.email.microsoft, user), is_token=True)
    is_token = bool(account.token or account.token_command)
    name = "token" if is_token else "password"
    return Login(user, secret(account, name, "email", table), is_token=is_token)


def _no_table(name: str) -> SetupError:
    return SetupError(f"the account's settings are missing: [{name}]", f"add [{name}]")
