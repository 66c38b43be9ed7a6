"""What a value of faxappeal.toml may be."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ..core.address import AddressError, email_address
from ..core.text import invisible
from .durations import parse_duration

PREFIX = "FAXAPPEAL_"


class Section(BaseModel):
    """A table of the file."""

    # built when first used: a table is only ever read as a part of Settings
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def env_var_name(key: tuple[str, ...]) -> str:
    """The environment variable of a setting: `FAXAPPEAL_EMAIL__SMTP__PASSWORD`."""
    return PREFIX + "__".join(key).upper()


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by name or by address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _one_line(text: str) -> str:
    if invisible(text):
        raise ValueError("an invisible or control character")
    return text.strip()


def _address(text: str) -> str:
    try:
        return email_address(text)
    except AddressError as error:
        raise ValueError(str(error)) from error


def _url(text: str) -> str:
    """Keys and documents go there: https and a name, but for a test server on this machine."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port  # which may be no number
    except ValueError:
        raise ValueError("is not an address of the web") from None
    if parts.username is not None or not host or invisible(text) or " " in text:
        raise ValueError("must be a plain address without a user name")
    if host == "localhost" or (parts.scheme == "http" and is_loopback(host)):
        return text.rstrip("/")
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    # 127.1, 2130706433, 0x7f000001 and [::1] are addresses as well: no name ends in a number
    if not re.fullmatch(r"(?:[\w-]+\.)+[^\W\d_][\w-]*\.?", host):
        raise ValueError("must have a host by its name, as www.example.org")
    return text.rstrip("/")


def _ledger_url(text: str) -> str:
    """A file, or a database; never with its password, and nothing that could turn TLS off."""
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    try:
        parts = urlsplit(text)
        _ = parts.port  # which may be no number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "postgresql" or not parts.path.strip("/") or invisible(text):
        raise ValueError("must be sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    if parts.password is not None:
        raise ValueError(
            "holds a password, which does not belong in a file that is shared; "
            f"set {env_var_name(('ledger', 'password'))} instead, and change it at the database"
        )
    if parts.query or parts.fragment:
        raise ValueError("must end with the database's name: TLS is always on, see ledger.ca_file")
    return text


def at(domain: str) -> AfterValidator:
    """An address of this provider's: the account's key goes nowhere else."""

    def check(url: str) -> str:
        host = urlsplit(url).hostname or ""
        if not is_loopback(host) and host != domain and not host.endswith(f".{domain}"):
            raise ValueError(f"must be at {domain}: the account's key goes there")
        return url

    return AfterValidator(check)


OneLine = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=200)]
Mailbox = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_url)]
LedgerUrl = Annotated[str, AfterValidator(_ledger_url)]
NUMBER = r"^\+[1-9][0-9 ().\-]{4,24}$"
Number = Annotated[str, Field(pattern=NUMBER)]
# a number that an account dials from, however it is written
OwnNumber = Annotated[Number, AfterValidator(lambda text: re.sub(r"[^+0-9]", "", text))]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
