"""How a server is reached, and which servers are refused, with a stand-in of a session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from faxappeal.config.sections import LedgerSection
from faxappeal.core.errors import SetupError
from faxappeal.ledger.postgres_connection import parameters, session, unreachable

HOST = "postgresql://us@db.example.org/ledger"
LOOPBACK = "postgresql://us@127.0.0.1/ledger"


def section(url: str = HOST, password: str = "hunter2", **more: object) -> LedgerSection:
    return LedgerSection.model_validate({"url": url, "password": password, **more})


# -- the address -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "database"),
    [
        (HOST, "db.example.org", None, "us", "ledger"),
        ("postgresql://us@db.example.org:5433/ledger", "db.example.org", 5433, "us", "ledger"),
        ("postgresql://db.example.org/ledger", "db.example.org", None, None, "ledger"),
        ("postgresql://us@[::1]:5433/ledger", "::1", 5433, "us", "ledger"),
        ("postgresql://a%40b@db.example.org/ledger", "db.example.org", None, "a@b", "ledger"),
        ("postgresql:///ledger", None, None, None, "ledger"),
    ],
    ids=["plain", "port", "no user", "IPv6", "a quoted user", "socket"],
)
def test_an_address_is_read(
    url: str, host: str | None, port: int | None, user: str | None, database: str
) -> None:
    given = parameters(section(url))
    names = ("host", "port", "user", "dbname")
    assert tuple(given.get(name) for name in names) == (host, port, user, database)
    assert None not in given.values()


@pytest.mark.parametrize(
    ("url", "password"), [(HOST, "hunter2"), (LOOPBACK, "hunter2"), ("postgresql:///ledger", None)]
)
def test_a_password_goes_to_a_host_alone(url: str, password: str | None) -> None:
    assert parameters(section(url)).get("password") == password


def test_without_a_password_it_is_said_where_it_belongs() -> None:
    with pytest.raises(SetupError, match=r"no ledger\.password is known") as refused:
        parameters(section(password=""))
    assert "FAXAPPEAL_LEDGER__PASSWORD" in refused.value.hint


@pytest.mark.parametrize("ca_file", [None, Path("ours.pem")], ids=["the system's", "ours"])
def test_beyond_this_machine_the_server_must_show_a_certificate_of_its_name(
    ca_file: Path | None,
) -> None:
    given = parameters(section(ca_file=ca_file))
    assert given["sslmode"] == "verify-full"
    trusted = Path(given["sslrootcert"])
    assert trusted == ca_file if ca_file else trusted.exists()


@pytest.mark.parametrize(
    ("url", "ca_file", "is_checked"),
    [
        (LOOPBACK, None, False),
        ("postgresql://us@localhost/ledger", None, False),
        ("postgresql://us@[::1]/ledger", None, False),
        (LOOPBACK, "~/ours.pem", True),
        ("postgresql:///ledger", None, False),
        ("postgresql://us@192.0.2.7/ledger", None, True),
        ("postgresql://us@localhost.example.org/ledger", None, True),
    ],
    ids=["loopback", "localhost", "IPv6", "with a file", "socket", "an address", "a similar name"],
)
def test_only_this_machine_needs_no_certificate(
    nobody: Path, url: str, ca_file: str | None, is_checked: bool
) -> None:
    given = parameters(section(url, ca_file=ca_file))
    assert (given.get("sslmode") == "verify-full") is is_checked
    if ca_file:
        assert given["sslrootcert"] == str(nobody / "ours.pem")


def test_a_session_asks_for_what_is_on_disk_and_for_no_endless_wait() -> None:
    options = parameters(section())["options"]
    assert "-c synchronous_commit=on" in options and "-c lock_timeout=60s" in options


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faxappeal.ledger.postgres_connection.find_spec", lambda _name: None)
    with pytest.raises(SetupError, match="needs the extra workers") as refused:
        parameters(section())
    assert refused.value.hint == "pip install 'faxappeal[workers]'"


# -- what a server must be -------------------------------------------------------------------------


class Server:
    """A session with a server that is as good as they should be, but for what a test changes."""

    def __init__(self) -> None:
        self.version = 160_004
        self.writes, self.is_copy, self.is_as_asked = True, False, True
        self.clock_is_late = timedelta(0)
        self.given: dict[str, Any] = {}
        self.is_closed = False

    @property
    def info(self) -> SimpleNamespace:
        return SimpleNamespace(server_version=self.version)

    def connect(self, **given: Any) -> Server:
        self.given = given
        return self

    def execute(self, query: str) -> list[tuple[Any, ...]]:
        if "clock_timestamp" in query:
            return [(datetime.now(UTC) - self.clock_is_late,)]
        return [(self.writes, self.is_copy, self.is_as_asked)]

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(psycopg, "connect", server.connect)
    return server


def test_a_good_server_is_used_and_shows_whose_session_it_is(server: Server) -> None:
    opened: Any = session(section(), "worker of a machine")
    assert opened is server and not server.is_closed
    assert server.given["application_name"] == "worker of a machine"
    assert server.given["autocommit"] is True, "a lock outlives a transaction"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Kampagne für Müller", "Kampagne f?r M?ller"), ("x" * 100, "x" * 63)],
    ids=["letters of a language", "too long"],
)
def test_the_name_of_a_session_is_one_that_a_server_shows_whole(
    server: Server, name: str, shown: str
) -> None:
    session(section(), name)
    assert server.given["application_name"] == shown


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ({"version": 129_999}, "older than version 13", "a newer one"),
        ({"is_copy": True}, "is a replica", "the primary server"),
        ({"writes": False}, "does not wait for its disk", "set fsync = on"),
        ({"is_as_asked": False}, "leaves out what a session asks for", "PgBouncer"),
        ({"clock_is_late": timedelta(seconds=90)}, "are 90 s apart", "NTP"),
        ({"clock_is_late": timedelta(seconds=-90)}, "are 90 s apart", "NTP"),
    ],
    ids=["too old", "replica", "no fsync", "a pool", "its clock is late", "its clock is early"],
)
def test_a_server_that_does_not_store_safely_is_refused_and_left(
    server: Server, change: dict[str, Any], message: str, hint: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(SetupError) as refused:
        session(section(), "a test")
    assert message in refused.value.message and hint in refused.value.hint
    assert server.is_closed


@pytest.mark.parametrize(
    "change",
    [{"version": 130_000}, {"clock_is_late": timedelta(seconds=50)}],
    ids=["the oldest one", "a clock that is nearly right"],
)
def test_a_server_that_is_just_good_enough_is_used(server: Server, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    session(section(), "a test")
    assert not server.is_closed


# -- what is said of one that does not answer ------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("connection failed: password authentication failed", "password authentication failed"),
        ("connection failed: no route\nIs it running?", "no route"),
        ("the server is starting\n", "the server is starting"),
        ("", ""),
    ],
    ids=["prefix", "two lines", "no prefix", "nothing"],
)
def test_a_server_s_words_become_one_sentence(error: str, said: str) -> None:
    refused = unreachable(HOST, psycopg.OperationalError(error))
    assert refused.message == f"the ledger cannot be opened: {said} ({HOST})"
    assert "is the database up" in refused.hint


def test_a_server_that_does_not_answer_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(**_given: object) -> None:
        raise psycopg.OperationalError("connection failed: Connection refused")

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(SetupError, match=r"cannot be opened: Connection refused") as refused:
        session(section(), "a test")
    assert HOST in refused.value.message
    assert "hunter2" not in refused.value.message + refused.value.hint
