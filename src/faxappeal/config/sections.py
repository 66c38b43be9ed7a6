"""The tables of faxappeal.toml. Those of the fax accounts are in `providers/fax`."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from .fields import (
    Duration,
    LedgerUrl,
    Mailbox,
    Number,
    OneLine,
    OwnNumber,
    Section,
    Url,
    at,
    is_loopback,
)
from .office_hours import holidays_of, parse_hours


class CampaignSection(Section):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    date: dt.date | None = None


class Sender(Section):
    name: OneLine
    phone: Number
    email: Mailbox
    id: OneLine | None = None
    organisation: OneLine | None = None
    address: str | None = None
    fax: Number | None = None

    @property
    def identity(self) -> str:
        """Who sends, whatever the name is spelt like: part of every delivery's identity."""
        return (self.id or self.email).lower()


class FaxSection(Section):
    """The accounts' own tables are added when they are read: see `campaign.settings`."""

    account: str | None = None
    resolution: Literal["fine", "standard"] = "fine"
    paper: Literal["a4", "letter"] = "a4"
    fonts: tuple[OneLine, ...] = ()  # files for scripts that the program's own fonts do not have

    def table(self, name: str) -> Section | None:
        """The table of an account, where there is one."""
        return getattr(self, name, None)


class _MailServer(Section):
    host: OneLine
    port: int
    security: Literal["tls", "starttls", "none"] = "tls"
    username: OneLine | None = None  # for IMAP else that of [email.smtp], with its secret
    password: SecretStr | None = None
    password_command: OneLine | None = None
    token: SecretStr | None = None  # a bearer token of OAuth 2; they last an hour
    token_command: OneLine | None = None
    ca_file: Path | None = None


class SmtpAccount(_MailServer):
    port: int = 465
    from_: Annotated[Mailbox | None, Field(alias="from")] = None

    @model_validator(mode="after")
    def _no_plaintext(self) -> SmtpAccount:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security must be tls or starttls outside this machine")
        return self


class ImapAccount(_MailServer):
    """The mailbox that notifications and bounces come to: that of the e-mail's sender."""

    port: int = 993
    security: Literal["tls", "starttls"] = "tls"
    copy_to_self: bool = True  # proof that the server took an e-mail whose sending was interrupted


class MicrosoftSignIn(Section):
    """Signing in to Outlook.com or Exchange Online: `faxappeal accounts --sign-in`."""

    client_id: OneLine  # of a registration of your own, with the public client flow allowed
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,100}$")] = "common"
    authority: Annotated[Url, at("login.microsoftonline.com")] = "https://login.microsoftonline.com"
    ca_file: Path | None = None


class EmailSection(Section):
    account: Literal["smtp"] | None = None
    pdf: bool = True  # the page goes with the e-mail, as it is printed
    smtp: SmtpAccount | None = None
    imap: ImapAccount | None = None
    microsoft: MicrosoftSignIn | None = None


class Pacing(Section):
    hours: str = "08:00-20:00"
    days: str = "mon-fri"
    per_number_gap: Duration = timedelta(minutes=5)
    attempts: Annotated[int, Field(ge=1, le=10)] = 5
    give_up_after: Duration = timedelta(days=7)
    holidays: bool = True  # no fax on the public holidays of the recipient's country

    @model_validator(mode="after")
    def _readable(self) -> Pacing:
        parse_hours(self.hours, self.days)
        return self

    def next_open(self, moment: dt.datetime, zone: dt.tzinfo, country: str) -> dt.datetime:
        """`moment` if a fax may ring in that country then, else when it may ring next."""
        hours = parse_hours(self.hours, self.days)
        if not self.holidays:
            return hours.next_open(moment, zone)
        return hours.next_open(moment, zone, holidays_of(country))

    def closing(self, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
        """Until when a fax may ring there that may ring at `moment`."""
        return parse_hours(self.hours, self.days).closing(moment, zone)


class WebdavFolder(Section):
    """A folder of a Nextcloud, ownCloud or other WebDAV server."""

    url: Url
    username: OneLine
    password: SecretStr | None = None
    password_command: OneLine | None = None
    ca_file: Path | None = None


class Publish(Section):
    """A place that the web shows, for accounts that fetch the document."""

    media_url: Url  # `{name}` is the file's name; without it, it comes after a slash
    folder: Path | None = None
    webdav: WebdavFolder | None = None
    command: OneLine | None = None
    remove_command: OneLine | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Publish:
        if [self.folder, self.webdav, self.command].count(None) != 2:
            raise ValueError("needs one of folder, webdav and command")
        if (self.command is None) != (self.remove_command is None):
            raise ValueError("command and remove_command belong together")
        for name in ("command", "remove_command"):
            if (words := getattr(self, name)) and "{name}" not in words:
                raise ValueError(f"{name} must say {{name}} where the file's name belongs")
        return self


class TwilioSection(Section):
    """Checks of numbers; Twilio itself sends no faxes."""

    account_sid: Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")]
    from_: Annotated[OwnNumber | None, Field(alias="from")] = None  # who calls, for a check call
    allow_calls: bool = False
    auth_token: SecretStr | None = None
    auth_token_command: OneLine | None = None
    url: Annotated[Url, at("twilio.com")] = "https://api.twilio.com"
    ca_file: Path | None = None


class SendersSection(Section):
    """What the people of senders.csv do."""

    mode: Literal["joint", "each"] = "joint"  # sign one letter, or send one each
    names: Annotated[int, Field(ge=0, le=2000)] = 200  # printed under a joint letter at most


class LedgerSection(Section):
    """A file, or a database of PostgreSQL's that many machines share."""

    url: LedgerUrl | None = None
    password: SecretStr | None = None
    password_command: OneLine | None = None
    ca_file: Path | None = None
    documents: Path | None = None  # where many machines share it: a folder that all of them see
