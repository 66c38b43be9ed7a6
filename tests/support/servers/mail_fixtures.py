"""The mail server of a test session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import boundaries, servers
from tests.support.servers.mail import Mail
from tests.support.servers.postfix import Postfix

ALIASES = {
    "botschaft.china@debitel.net": "embassy",
    "embassy@example.org": "embassy",
    "appeals@example.org": "sender",  # notifications and copies come back to it
}


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """Postfix with Dovecot, and two servers that it sends to."""
    with (
        servers.needed("Postfix and Dovecot"),
        servers.folder() as folder,
        Postfix(folder, ALIASES) as server,
    ):
        boundaries.Processes.keep()
        yield server


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mail]:
    """Exim and Dovecot; the sample's embassy has a mailbox there."""
    with (
        servers.needed("Exim and Dovecot"),
        servers.folder() as folder,
        Mail(folder, ALIASES) as server,
    ):
        boundaries.Processes.keep()
        yield server
