"""A server of PostgreSQL's: how it is reached, and what it has to keep."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..config.fields import is_loopback
from ..config.secrets import secret
from ..core.errors import SetupError
from .cleanup import on_failure

if TYPE_CHECKING:
    from psycopg import Connection as Session

    from ..config.sections import LedgerSection

# of the server's settings, for each session: what is written is on the disk (and on those of its
# synchronous replicas) before anything leaves, one that was stopped within a transaction must not
# hold up all others, and of a machine that is gone the locks must fall
_OPTIONS = {
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "60s",
    "statement_timeout": "120s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
# and a server that is gone without a word is noticed within a minute, not by the system's two hours
_KEPT_ALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
_CLOCKS_APART = timedelta(seconds=60)
_OLDEST = 13  # what Procrastinate needs
_SERVER = (
    "SELECT current_setting('fsync') = 'on', pg_is_in_recovery(),"
    " current_setting('synchronous_commit') = 'on'"
    f" AND current_setting('lock_timeout')::interval = '{_OPTIONS['lock_timeout']}'"
)


def parameters(section: LedgerSection) -> dict[str, Any]:
    """How to connect, in libpq's words, with the password; SetupError where it is not known, or the
    library is not there.

    Beyond this machine only to a server that shows a certificate of its name.
    """
    if find_spec("psycopg") is None:
        raise SetupError(
            "a ledger in PostgreSQL needs the extra workers", "pip install 'faxappeal[workers]'"
        )
    assert section.url
    url = sql.make_url(section.url)
    host = url.host or ""
    given: dict[str, Any] = {
        "host": host or None,  # else a socket in the file system
        "port": url.port,
        "user": url.username,
        "dbname": url.database,
        "connect_timeout": 10,
        **_KEPT_ALIVE,
        "application_name": "faxappeal",
        "options": " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items()),
    }
    if host:
        given["password"] = secret(section, "password", "ledger")
        if section.ca_file or not is_loopback(host):
            given |= {"sslmode": "verify-full", "sslrootcert": _authorities(section.ca_file)}
    return {name: value for name, value in given.items() if value is not None}


def _authorities(ca_file: Path | None) -> str:
    """Whose certificates are trusted. Wheels of libpq do not know where the system keeps them."""
    if ca_file:
        return str(ca_file.expanduser())
    from certifi import where

    return ssl.get_default_verify_paths().cafile or where()


def session(section: LedgerSection, name: str) -> Session[Any]:
    """A connection, for locks that last as long as it does; SetupError if there is none, or the
    server does not store safely. The server's list of sessions shows the name."""
    import psycopg

    shown = name.encode("ascii", "replace")[:63].decode()
    given = parameters(section) | {"application_name": shown}
    try:
        session = psycopg.connect(**given, autocommit=True)
        with on_failure(session.close):
            _look_at_server(session)
            _compare_clocks(session)
    except psycopg.Error as error:
        raise unreachable(section.url or "", error) from error
    return session


def unreachable(where: str, error: BaseException) -> SetupError:
    cause = str(error).strip().split("\n")[0].removeprefix("connection failed: ")
    return SetupError(
        f"the ledger cannot be opened: {cause} ({where})",
        "is the database up, does it exist, and may you use it? psql tries the same address",
    )


def _look_at_server(session: Session[Any]) -> None:
    """SetupError if it does not store safely."""
    [(writes, copies, as_asked)] = session.execute(_SERVER)
    troubles = (
        (
            session.info.server_version < _OLDEST * 10_000,
            f"the ledger's PostgreSQL is older than version {_OLDEST}",
            "let a newer one keep it",
        ),
        (
            copies,
            "the ledger's server is a replica, which only shows what another one keeps",
            "name the primary server in [ledger] url",
        ),
        (
            not writes,
            "the ledger's server does not wait for its disk (fsync = off)",
            "set fsync = on: else it forgets, with the power, which letters have left",
        ),
        (
            not as_asked,
            "something on the way to the database leaves out what a session asks for",
            "connect to the server itself, not to a pool such as PgBouncer",
        ),
    )
    for is_so, what, hint in troubles:
        if is_so:
            raise SetupError(what, hint)


def _compare_clocks(session: Session[Any]) -> None:
    """Gaps and hours are kept by each machine's own clock: they must tell the same time."""
    [[server_time]] = session.execute("SELECT clock_timestamp()")
    apart = abs(server_time - datetime.now(UTC))
    if apart > _CLOCKS_APART:
        raise SetupError(
            f"this machine's clock and the database's are {apart.total_seconds():.0f} s apart",
            "let both be set by NTP: the gap between two calls to a number is kept by them",
        )
