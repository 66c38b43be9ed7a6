"""A shared ledger, as far as it needs no server: where it keeps what, and who holds its lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sql

from faxappeal.config.sections import LedgerSection
from faxappeal.core.errors import SetupError
from faxappeal.ledger import postgres
from faxappeal.ledger.locking import LedgerLocked
from faxappeal.ledger.postgres import DatabaseLocking, PostgresStore

URL = "postgresql://us@db.example.org/ledger"


def store(url: str = URL, **more: object) -> PostgresStore:
    values = {"url": url, "password": "hunter2", **more}
    return PostgresStore(LedgerSection.model_validate(values))


def test_each_database_has_a_folder_of_its_own_on_this_machine(nobody: Path) -> None:
    folders = {store(url).folder for url in (URL, URL, f"{URL}2")}
    assert len(folders) == 2
    assert {folder.parent for folder in folders} == {nobody / "data" / "faxappeal"}
    assert not any("example" in folder.name for folder in folders)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "{folder}/documents"),
        ("/srv/documents", "/srv/documents"),
        ("~/documents", "{home}/documents"),
    ],
    ids=["of this machine", "of all machines", "below the home folder"],
)
def test_the_documents_lie_where_the_settings_say(
    nobody: Path, given: str | None, expected: str
) -> None:
    chosen = store(documents=given)
    assert chosen.documents == Path(expected.format(folder=chosen.folder, home=nobody))


@pytest.mark.parametrize("use", [PostgresStore.exists, PostgresStore.open, PostgresStore.read])
@pytest.mark.parametrize(
    ("change", "said"),
    [("library", "needs the extra workers"), ("password", "no ledger.password is known")],
)
def test_what_is_missing_is_said_before_a_server_is_asked(
    monkeypatch: pytest.MonkeyPatch, use: Any, change: str, said: str
) -> None:
    if change == "library":
        monkeypatch.setattr("faxappeal.ledger.postgres_connection.find_spec", lambda _name: None)
    with pytest.raises(SetupError, match=said):
        use(store(password="" if change == "password" else "hunter2"))


def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = sql.create_engine("sqlite://", poolclass=sql.pool.QueuePool)
    postgres._ping_the_idle(engine)
    monkeypatch.setattr(postgres, "_IDLE", 0.0)
    with engine.connect() as connection:
        closed = connection.connection.driver_connection
    assert closed is not None
    closed.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 7").scalar() == 7
    engine.dispose()


# -- the lock --------------------------------------------------------------------------------------


class Rows(list[Any]):
    def fetchone(self) -> Any:
        return self[0] if self else None


class Session:
    """A session with a server, where the lock is free or somebody has it."""

    def __init__(self, holder: tuple[str, str | None] | None = None, is_free: bool = True) -> None:
        self.holder, self.is_free = holder, is_free
        self.is_gone = self.is_closed = False
        self.asked: list[str] = []

    def execute(self, query: str, _values: object = ()) -> Rows:
        if self.is_gone:
            raise psycopg.OperationalError("connection failed: the server was started again")
        self.asked.append(query)
        if "pg_try_advisory_lock" in query:
            return Rows([(self.is_free,)])
        return Rows([self.holder] if "pg_stat_activity" in query and self.holder else [])

    def close(self) -> None:
        self.is_closed = True


def locking(monkeypatch: pytest.MonkeyPatch, *sessions: Session) -> DatabaseLocking:
    left = list(sessions)
    monkeypatch.setattr(postgres, "session_of", lambda _section, _name: left.pop(0))
    return DatabaseLocking(store())


def test_who_holds_the_lock_has_a_name_as_long_as_the_session_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Session(), Session()
    lock = locking(monkeypatch, first, second)
    names = []
    for session in (first, second):
        with lock.hold("a campaign", shared=False):
            names.append(lock.claimant)
            assert not session.is_closed
        assert session.is_closed and lock.claimant is None
    assert None not in names and names[0] != names[1]


@pytest.mark.parametrize(
    ("shared", "function"),
    [(True, "pg_try_advisory_lock_shared("), (False, "pg_try_advisory_lock(")],
    ids=["workers together", "a sender alone"],
)
def test_workers_share_the_lock(
    monkeypatch: pytest.MonkeyPatch, shared: bool, function: str
) -> None:
    session = Session()
    with locking(monkeypatch, session).hold("a test", shared=shared):
        assert function in session.asked[0]


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        (("campaign other, 10:02", "192.0.2.7"), "campaign other, 10:02, from 192.0.2.7"),
        (("campaign other, 10:02", None), "campaign other, 10:02, from its own machine"),
        (None, "it has not said which"),
    ],
    ids=["another machine", "the server's machine", "gone meanwhile"],
)
def test_the_second_hears_who_sends_and_leaves_no_session(
    monkeypatch: pytest.MonkeyPatch, holder: tuple[str, str | None] | None, said: str
) -> None:
    session = Session(holder, is_free=False)
    lock = locking(monkeypatch, session)
    with pytest.raises(LedgerLocked) as refused, lock.hold("second", shared=False):
        pytest.fail("two hold it")
    assert refused.value.message.endswith(said)
    assert session.is_closed and lock.claimant is None


def test_a_server_that_goes_while_the_lock_is_taken_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session()
    session.is_gone = True
    with pytest.raises(SetupError, match="the server was started again"):
        locking(monkeypatch, session).hold("a test", shared=False).__enter__()
    assert session.is_closed


def test_a_lock_that_was_lost_is_taken_again_under_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Session(), Session()
    lock = locking(monkeypatch, first, second)
    with lock.hold("a test", shared=False):
        before = lock.claimant
        lock.renew()
        assert lock.claimant == before, "nothing was lost"
        first.is_gone = True
        lock.renew()
        assert lock.claimant not in (None, before) and first.is_closed
    assert second.is_closed


def test_a_lock_that_was_lost_to_somebody_is_not_taken_from_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Session(), Session(("another", None), is_free=False)
    lock = locking(monkeypatch, first, second)
    with lock.hold("a test", shared=False):
        first.is_gone = True
        with pytest.raises(LedgerLocked, match="another"):
            lock.renew()
        assert second.is_closed


def test_without_the_lock_nothing_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = locking(monkeypatch)
    lock.renew()
    assert lock.claimant is None
