"""A real PostgreSQL in one folder, on loopback.

    with Postgres(folder) as server:
        url = server.database()  # an empty one, of the user `faxappeal`

Debian's, unpacked. It refuses to run as root; then it runs as `nobody`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from itertools import count
from pathlib import Path
from typing import Any

import trustme

from tests.support import boundaries
from tests.support.servers.debian import ROOT, ServerMissing, unpack
from tests.support.servers.mail import free_ports

PACKAGES = (
    *("postgresql-15", "postgresql-client-15", "libpq5", "libicu72", "libldap-2.5-0"),
    *("libsasl2-2", "libxml2", "liblz4-1", "libzstd1", "libgssapi-krb5-2"),
)
USER, PASSWORD = "faxappeal", "a-password-1"
_BIN = ROOT / "usr/lib/postgresql/15/bin"
_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{base}'
ssl = on
ssl_cert_file = '{base}/cert.pem'
ssl_key_file = '{base}/key.pem'
jit = off
max_connections = 100
shared_buffers = 64MB
timezone = 'UTC'
log_timezone = 'UTC'
"""
# no trust anywhere but for the tests' own administrator, who has a socket in a folder of ours
_ACCESS = """\
local all postgres trust
host all all 127.0.0.1/32 scram-sha-256
"""


class Postgres:
    """A server; each test has a database of its own."""

    host = "localhost"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        (self.port,) = free_ports(1)
        self.ca_file = self.folder / "ca.pem"
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count()

    def __enter__(self) -> Postgres:
        unpack(*PACKAGES)
        certificate = trustme.CA()
        certificate.cert_pem.write_to_path(self.ca_file)
        served = certificate.issue_cert("localhost", "127.0.0.1")
        served.private_key_pem.write_to_path(self.folder / "key.pem")
        for part in served.cert_chain_pems:
            part.write_to_path(self.folder / "cert.pem", append=True)
        (self.folder / "key.pem").chmod(0o600)
        if os.geteuid() == 0:
            for path in (self.folder, self.folder / "key.pem"):
                shutil.chown(path, "nobody", "nogroup")
        self._run(
            "initdb", "-D", self._data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync", "-A", "trust",
        )  # fmt: skip
        settings = _SETTINGS.format(port=self.port, base=self.folder)
        with (self._data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write(settings)
        (self._data / "pg_hba.conf").write_text(_ACCESS, encoding="ascii")
        self.start()
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGINT)

    def database(self) -> str:
        """The address of a new, empty database, which belongs to the user."""
        name = f"ledger{next(self._names)}"
        self.sql(f"CREATE DATABASE {name} OWNER {USER}")
        return f"postgresql://{USER}@{self.host}:{self.port}/{name}"

    def environment(self, url: str) -> dict[str, str]:
        """What a program finds it by, over TLS."""
        return {
            "FAXAPPEAL_LEDGER__URL": url,
            "FAXAPPEAL_LEDGER__PASSWORD": PASSWORD,
            "FAXAPPEAL_LEDGER__CA_FILE": str(self.ca_file),
        }

    def sql(self, words: str, database: str = "postgres") -> str:
        """What the administrator is told."""
        return self._run(
            "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
            "-p", str(self.port), "-U", "postgres", "-d", database, "-c", words,
        ).strip()  # fmt: skip

    def change(self, setting: str, value: str) -> None:
        """A setting that needs no start; wait until it is so."""
        self.sql(f"ALTER SYSTEM SET {setting} = '{value}'")
        self.sql("SELECT pg_reload_conf()")
        end = time.monotonic() + 30
        while self.sql(f"SHOW {setting}") != value:
            assert time.monotonic() < end, setting
            time.sleep(0.05)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [_BIN / "postgres", "-D", self._data], stdout=log, stderr=log, **self._options()
        )
        log.close()
        boundaries.Processes.keep(self._process.pid)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            ready = [str(_BIN / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
            if subprocess.run(ready, check=False, **self._options()).returncode == 0:
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        said = (self.folder / "log").read_text(encoding="utf-8")[-2000:]
        raise ServerMissing(f"PostgreSQL did not start: {said}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: SIGQUIT is as if the power had failed, SIGINT is a shutdown in order."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(timeout=120)
            self._process = None

    def become_replica(self) -> None:
        """From its next start on; its primary server is away."""
        (self._data / "standby.signal").touch()

    def restart(self) -> None:
        """As after a power cut."""
        self.stop()
        self.start()

    def _run(self, program: str, *words: object) -> str:
        done = subprocess.run(
            [_BIN / program, *map(str, words)],
            capture_output=True, text=True, check=False, **self._options(),
        )  # fmt: skip
        if done.returncode:
            raise ServerMissing(f"{program}: {(done.stderr or done.stdout).strip()[-500:]}")
        return str(done.stdout)

    def _options(self) -> dict[str, Any]:
        libraries = ROOT / "usr/lib" / f"{os.uname().machine}-linux-gnu"
        environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(libraries), "LC_ALL": "C"}
        options: dict[str, Any] = {"env": environment, "cwd": self.folder}
        if os.geteuid() == 0:
            options |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
        return options
