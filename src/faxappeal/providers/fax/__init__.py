"""The fax accounts: each module here is one, and nothing else in the program names it.

A module has a class `Account`, which is its table of faxappeal.toml and opens its channel. To add
one, see docs/how-to/adding-an-account.md.
"""

from __future__ import annotations

import pkgutil
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, cast

from ...config.fields import Section

if TYPE_CHECKING:
    from ...config.sections import FaxSection, Publish
    from ..base import Channel
    from ..http import Api


class FaxAccount(Section):
    """The table [fax.NAME]."""

    about: ClassVar[str]  # what it is, in a few words
    tried: ClassVar[str] = "no"  # whether anyone has sent a fax through it, and with what
    killed: ClassVar[str]  # what becomes of a fax whose sending was killed after it had left
    keeps: ClassVar[str]  # what the provider keeps of a letter, and how it goes
    forgets: ClassVar[bool] = True  # whether there is anything that the channel's `forget` deletes

    def open(self, fax: FaxSection, publish: Publish | None) -> Channel:
        """The channel; SetupError says what is missing."""
        raise NotImplementedError


class ApiChannel:
    """What the channels with an HTTP API have in common. A channel states where it differs."""

    supports_lookup = True
    # http.TIMEOUT: a POST may be accepted until we stop waiting
    visibility_delay = timedelta(seconds=60)
    gap = timedelta(seconds=1)  # the limits are not documented
    poll_interval = timedelta(0)

    def __init__(self, api: Api) -> None:
        self.api = api
        self.endpoint = api.endpoint

    def close(self) -> None:
        self.api.close()


def search_start(since: datetime) -> str:
    """The time from which a search lists faxes: earlier than `since`, for clocks differ."""
    return (since - timedelta(minutes=5)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def names() -> tuple[str, ...]:
    """The accounts that there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def forgets(account: str) -> bool:
    """Whether an account deletes what it keeps of a letter, when it is asked to."""
    return account in names() and table(account).forgets


def table(name: str) -> type[FaxAccount]:
    """The table of an account."""
    return cast(type[FaxAccount], import_module(f"{__name__}.{name}").Account)
