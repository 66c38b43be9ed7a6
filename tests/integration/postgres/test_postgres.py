"""A ledger in PostgreSQL: how it is reached, and what is said where it cannot be."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from faxappeal.campaign.loading import ledger_section
from faxappeal.config.sections import LedgerSection
from faxappeal.core.errors import SetupError
from faxappeal.ledger import schema
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import lock
from faxappeal.ledger.postgres import PostgresStore
from faxappeal.ledger.postgres_connection import parameters
from tests.support import servers
from tests.support.campaigns import run, write
from tests.support.fakes import sinch
from tests.support.servers.postgres import PASSWORD, Postgres

pytestmark = pytest.mark.usefixtures("office_hours")


@pytest.fixture
def campaign(tmp_path: Path, account: sinch.SinchFake) -> Path:
    return write(tmp_path, settings=sinch.settings(account))


def ledger_table(folder: Path, text: str) -> None:
    toml = folder / "faxappeal.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n[ledger]\n{text}\n", encoding="utf-8")


# -- how it is reached ------------------------------------------------------------------------------


def test_the_settings_name_it_and_the_password_comes_from_a_secret(
    campaign: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.database()
    ledger_table(campaign, f'url = "{url}"\nca_file = "{postgres.ca_file}"')
    (campaign / ".env").write_text(f"FAXAPPEAL_LEDGER__PASSWORD={PASSWORD}\n")
    (campaign / ".env").chmod(0o600)
    assert run("send", "--yes", folder=campaign).code == 0
    assert "delivered" in run("status", folder=campaign).out
    said = run("privacy", folder=campaign).out
    assert url.split("//")[1] in "".join(said.split()) and PASSWORD not in said


def test_another_authority_s_server_is_not_trusted(shared_ledger: str, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    section = LedgerSection.model_validate(
        {"url": shared_ledger, "password": PASSWORD, "ca_file": other}
    )
    with pytest.raises(SetupError, match="certificate verify failed"):
        store_of(section).open()


def test_a_dry_run_asks_no_server(campaign: Path, shared_ledger: str, postgres: Postgres) -> None:
    ledger_table(campaign, 'url = "postgresql://us@127.0.0.1:9/none"')
    ended = run("send", "--dry-run", folder=campaign)
    assert ended.code == 0 and "would" in ended.out
    assert "The shared ledger was not asked" in ended.out


def test_without_a_server_in_the_settings_its_library_is_not_even_loaded(campaign: Path) -> None:
    program = (
        "import sys; from faxappeal.cli import app as cli\n"
        "try: cli.app(['send', '--dry-run'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'psycopg', 'procrastinate'} & set(sys.modules), 'loaded'"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=campaign, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# -- what is said where it cannot be reached ---------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong"}, "password authentication failed"),
        ({"url": "/nowhere"}, 'database "nowhere" does not exist'),
        ({"url": ":9/ledger"}, "Connection refused"),
        ({"password": ""}, "no ledger.password is known"),
    ],
    ids=["wrong password", "no such database", "nobody there", "no password"],
)
def test_what_is_wrong_is_said_in_one_sentence(
    campaign: Path,
    shared_ledger: str,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    words: str,
) -> None:
    server = shared_ledger.rpartition("/")[0]
    if (end := change.get("url", "")).startswith("/"):
        monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", server + end)
    elif end:
        monkeypatch.setenv("FAXAPPEAL_LEDGER__URL", server.rpartition(":")[0] + end)
    if "password" in change:
        monkeypatch.setenv("FAXAPPEAL_LEDGER__PASSWORD", change["password"])
    for command in ("status", "log", "purge", "privacy"):
        ended = run(command, folder=campaign)
        assert ended.code == 5, command
        assert words in " ".join(ended.err.split()) and "Hint:" in ended.err
        assert "Traceback" not in ended.err and "wrong" not in ended.out + ended.err
    assert run("send", "--yes", folder=campaign).code == 5


def test_a_clock_that_goes_wrong_keeps_a_machine_from_sending(
    shared_ledger: str, campaign: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faxappeal.ledger.postgres_connection._CLOCKS_APART", timedelta(seconds=-1))
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 5 and "NTP" in ended.err and not account.faxes


def test_a_server_that_does_not_wait_for_its_disk_is_refused(
    shared_ledger: str, campaign: Path, account: sinch.SinchFake, postgres: Postgres
) -> None:
    postgres.change("fsync", "off")
    try:
        ended = run("send", "--yes", folder=campaign)
    finally:
        postgres.change("fsync", "on")
    assert ended.code == 5 and "set fsync = on" in ended.err and not account.faxes


def test_what_is_told_is_on_disk_whatever_the_role_has(
    shared_ledger: str, campaign: Path, postgres: Postgres
) -> None:
    name = shared_ledger.rpartition("/")[2]
    postgres.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with store_of(ledger_section(campaign)).open() as ledger, ledger.engine.connect() as session:
        assert session.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_replica_is_to_be_read_and_not_to_be_sent_from(
    campaign: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.needed("PostgreSQL"), servers.folder() as folder, Postgres(folder) as server:
        for name, value in server.environment(server.database()).items():
            monkeypatch.setenv(name, value)
        assert run("send", "--yes", folder=campaign).code == 0
        server.stop(signal.SIGINT)
        server.become_replica()
        server.start()
        assert "delivered" in run("status", folder=campaign).out
        ended = run("send", "--yes", "--again", folder=campaign)
    assert ended.code == 5 and "name the primary server" in ended.err


def test_a_pool_that_drops_what_a_session_asks_for_is_refused(
    shared_ledger: str, campaign: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dropping(section: LedgerSection) -> dict[str, Any]:
        return {name: value for name, value in parameters(section).items() if name != "options"}

    monkeypatch.setattr("faxappeal.ledger.postgres_connection.parameters", dropping)
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 5 and "PgBouncer" in ended.err and not account.faxes


def test_a_server_that_is_too_old_is_refused(
    shared_ledger: str, campaign: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faxappeal.ledger.postgres_connection._OLDEST", 99)
    ended = run("send", "--yes", folder=campaign)
    assert ended.code == 5 and "older than version 99" in ended.err and not account.faxes


# -- who may use it --------------------------------------------------------------------------------


def test_a_newer_ledger_is_refused_an_older_one_only_looked_at_when_it_is_up_to_date(
    campaign: Path, shared_ledger: str, postgres: Postgres
) -> None:
    assert run("send", "--yes", folder=campaign).code == 0
    name = shared_ledger.rpartition("/")[2]
    for version, words in ((schema.SCHEMA + 1, "newer faxappeal"), (4, "older faxappeal")):
        postgres.sql(f"UPDATE meta SET value = '{version}' WHERE name = 'schema'", name)
        ended = run("log", folder=campaign)
        assert ended.code == 5 and words in ended.err


def test_two_do_not_send_at_the_same_time(campaign: Path, shared_ledger: str) -> None:
    with store_of(ledger_section(campaign)).open() as ledger, lock(ledger, "campaign other, 10:02"):
        ended = run("send", "--yes", folder=campaign)
    assert ended.code == 5 and "campaign other, 10:02" in ended.err
    assert run("send", "--yes", folder=campaign).code == 0


def test_a_server_that_is_started_again_loses_nothing(
    campaign: Path, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.needed("PostgreSQL"), servers.folder() as folder, Postgres(folder) as server:
        for name, value in server.environment(server.database()).items():
            monkeypatch.setenv(name, value)
        with store_of(ledger_section(campaign)).open() as ledger, lock(ledger, "a test"):
            mine = ledger.locking.claimant
            server.restart()
            monkeypatch.setattr("faxappeal.ledger.postgres._IDLE", 0.0)
            with ledger.transaction() as connection:
                assert not ledger.locking.is_held(connection), "its session is over"
            ledger.locking.renew()
            with ledger.transaction() as connection:
                assert ledger.locking.is_held(connection)
                assert ledger.locking.is_gone(connection, mine)
        server.stop()
        ended = run("send", "--yes", folder=campaign)
        assert ended.code == 5 and not account.faxes
        server.start()
        assert run("send", "--yes", folder=campaign).code == 0
        assert len(account.faxes) == 1


def test_a_password_that_is_another_one_by_now_is_used(
    shared_ledger: str, postgres: Postgres, tmp_path: Path
) -> None:
    """In a run that lasts: whoever prints it is asked for each connection."""
    database = shared_ledger.rpartition("/")[2]
    postgres.sql("CREATE ROLE changing LOGIN PASSWORD 'first'")
    postgres.sql(f"ALTER DATABASE {database} OWNER TO changing")
    file = tmp_path / "password"
    file.write_text("first", encoding="utf-8")
    section = LedgerSection.model_validate(
        {
            "ca_file": str(postgres.ca_file),
            "url": shared_ledger.replace("//faxappeal@", "//changing@"),
            "password_command": f"{sys.executable} -c \"print(open('{file}').read())\"",
        }
    )
    with PostgresStore(section).open() as ledger:
        postgres.sql("ALTER ROLE changing PASSWORD 'second'")
        file.write_text("second", encoding="utf-8")
        ledger.engine.dispose()  # as after a server's start
        assert ledger.queries.records("test") == []


def test_what_the_user_of_the_database_may_not_do_is_said(
    campaign: Path, shared_ledger: str, account: sinch.SinchFake, postgres: Postgres
) -> None:
    assert run("send", "--yes", folder=campaign).code == 0
    name = shared_ledger.rpartition("/")[2]
    postgres.sql("REVOKE UPDATE ON delivery FROM faxappeal", name)
    ended = run("send", "--yes", "--again", folder=campaign)
    assert ended.code == 5 and "permission denied" in ended.err and "Hint:" in ended.err
    assert "mistake" not in ended.err and len(account.faxes) == 1


def test_what_an_account_said_is_kept_without_its_null_characters(
    campaign: Path, shared_ledger: str, account: sinch.SinchFake
) -> None:
    assert run("send", "--yes", folder=campaign).code == 0
    home = store_of(ledger_section(campaign))
    assert isinstance(home, PostgresStore)
    with home.open() as ledger:
        [record] = ledger.queries.records("test")
        ledger.add_event(record.id, "remark", record.updated_at, "a\x00b\udc80")
        assert ledger.queries.events("test")[-1].note == "a�b�"
