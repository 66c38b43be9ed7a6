"""The accounts of a campaign: from its settings and secrets to a channel that can send."""

from __future__ import annotations

from ..errors import SetupError
from ..secrets import secret
from ..settings import Settings
from . import Channel


def open_account(settings: Settings, name: str) -> Channel:
    """The channel of an account by its name; SetupError says what is missing."""
    return _OPENERS[name](settings)


def account_name(settings: Settings, channel: str) -> str:
    """The account that letters of a channel go through."""
    name = settings.fax.account if channel == "fax" else settings.email.account
    if name is None:
        raise SetupError(
            f"no account for {channel} is chosen",
            f'add account = "…" to [{channel}] in faxappeal.toml',
        )
    return name


def _hylafax(settings: Settings) -> Channel:
    from .hylafax import Hylafax

    account = settings.fax.hylafax
    if account is None:
        raise _no_table("fax.hylafax")
    wanted = account.password or account.password_command
    password = secret(account, "password", "fax", "hylafax") if wanted else ""
    return Hylafax(account.host, account.port, account.user, password)


def _sinch(settings: Settings) -> Channel:
    from .sinch import Sinch

    account = settings.fax.sinch
    if account is None:
        raise _no_table("fax.sinch")
    if settings.fax.resolution != "fine":
        raise SetupError("Sinch sends at fine resolution or better", 'set resolution = "fine"')
    key = (account.key_id, secret(account, "key_secret", "fax", "sinch"))
    return Sinch(account.url, account.project_id, key, account.from_)


def _telnyx(settings: Settings) -> Channel:
    from .telnyx import Telnyx

    account = settings.fax.telnyx
    if account is None:
        raise _no_table("fax.telnyx")
    key = secret(account, "api_key", "fax", "telnyx")
    return Telnyx(account.url, key, account.connection_id, account.from_)


def _interfax(settings: Settings) -> Channel:
    from .interfax import Interfax

    account = settings.fax.interfax
    if account is None:
        raise _no_table("fax.interfax")
    password = secret(account, "password", "fax", "interfax")
    return Interfax(account.url, account.username, password)


def _signalwire(settings: Settings) -> Channel:
    from .signalwire import Publication, Signalwire

    account, publish = settings.fax.signalwire, settings.publish
    if account is None:
        raise _no_table("fax.signalwire")
    if publish is None:
        raise SetupError(
            "SignalWire fetches the document from the web, and nothing is published",
            "add [publish] with media_url and folder",
        )
    token = secret(account, "token", "fax", "signalwire")
    publication = Publication(publish.folder, publish.media_url)
    return Signalwire(account.url, account.project_id, token, account.from_, publication)


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


_OPENERS = {
    "hylafax": _hylafax,
    "sinch": _sinch,
    "telnyx": _telnyx,
    "signalwire": _signalwire,
    "interfax": _interfax,
    "smtp": _smtp,
}


def _no_table(name: str) -> SetupError:
    return SetupError(f"the account's settings are missing: [{name}]", f"add [{name}]")
