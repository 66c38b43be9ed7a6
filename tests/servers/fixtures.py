"""The HylaFAX server of a test session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers
from tests.servers.exchange import ROUTES, Route
from tests.servers.hylafax import Hylafax

# the sample's numbers of 2003: they are dialled on loopback, and nowhere else
SAMPLE = ("861065292345", "861065206722", "493027588221")


@pytest.fixture(scope="session")
def hylafax() -> Iterator[Hylafax]:
    """A server with one modem; a test that adds routes or looks at the calls begins with its own."""
    routes = dict(ROUTES) | dict.fromkeys(SAMPLE, Route())
    with (
        servers.needed("HylaFAX"),
        servers.folder() as folder,
        Hylafax(folder, routes=routes) as server,
    ):
        yield server
