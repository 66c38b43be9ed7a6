"""The HylaFAX server and the database of a test session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import boundaries, servers
from tests.support.servers.exchange import ROUTES, Route
from tests.support.servers.hylafax import Hylafax
from tests.support.servers.postgres import Postgres

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
        boundaries.Processes.keep()
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL; each test asks it for a database of its own."""
    with servers.needed("PostgreSQL"), servers.folder() as folder, Postgres(folder) as server:
        boundaries.Processes.keep()
        yield server


@pytest.fixture
def shared_ledger(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new ledger in a database: the environment names it, this is its address."""
    url = postgres.database()
    for name, value in postgres.environment(url).items():
        monkeypatch.setenv(name, value)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def either_ledger(request: pytest.FixtureRequest) -> None:
    """The test is run with a ledger in a file, and again with one in a database."""
    if request.param == "postgresql":
        request.getfixturevalue("shared_ledger")
