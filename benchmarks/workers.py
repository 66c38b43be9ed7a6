"""Three workers beside one, with a mail server that takes a second for each letter.

Prints letters a second of both, from the first claim to the last answer, and their ratio; `--json`
prints the figures. The ledger is a PostgreSQL of its own, all on this machine: the workers share
its processors, which those of an organisation do not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg

from tests.support import servers
from tests.support.campaigns import ROOT, write
from tests.support.servers.faulty_smtp import FaultySmtp
from tests.support.servers.postgres import PASSWORD, USER, Postgres

LETTERS, LATENCY = 240, 1.0  # seconds that the server takes to answer the final dot
FEW, MANY = 1, 3
PROMISED = 2.7
_PATIENCE = 600.0  # seconds for one measurement


def measure(letters: int = LETTERS, latency: float = LATENCY) -> dict[int, float]:
    """Letters a second, by the number of workers."""
    with servers.folder() as base, Postgres(base) as server:
        return {count: _speed(server, count, letters, latency) for count in (FEW, MANY)}


def _speed(server: Postgres, workers: int, letters: int, latency: float) -> float:
    def slow() -> str:
        time.sleep(latency)
        return "accept"

    with FaultySmtp(slow) as mail, tempfile.TemporaryDirectory() as folder:
        campaign = write(
            Path(folder) / "campaign",
            [f"m{n} office-{n}@example.org" for n in range(letters)],
            settings='\n[email]\naccount = "smtp"\npdf = false\n[email.smtp]\nhost = "127.0.0.1"\n'
            f'security = "none"\nport = {mail.port}\n',
        )
        url = server.database()
        environment = os.environ | server.environment(url) | {"HOME": folder}
        words = [sys.executable, "-m", "faxappeal", "-C", str(campaign)]
        quiet = {"env": environment, "cwd": ROOT, "stdout": subprocess.DEVNULL}
        running = [
            subprocess.Popen([*words, "worker"], **quiet)  # type: ignore[call-overload]
            for _ in range(workers)
        ]
        try:
            subprocess.run([*words, "send", "--yes", "--enqueue"], check=True, **quiet)  # type: ignore[call-overload]
            return letters / _seconds(server, url.rpartition("/")[2], letters)
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait()


def _seconds(server: Postgres, name: str, letters: int) -> float:
    """From the first claim to the last answer, when all letters have one."""
    where = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": PASSWORD}
    with closing(psycopg.connect(**where, dbname=name, autocommit=True)) as ledger:  # type: ignore[arg-type]
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            row = ledger.execute(
                "SELECT count(*) FILTER (WHERE event = 'accepted'), extract(epoch FROM"
                " max(at::timestamptz) - min(at::timestamptz) FILTER (WHERE event = 'submitting'))"
                " FROM event"
            ).fetchone()
            if row and row[0] == letters:
                return float(row[1])
            time.sleep(0.2)
    raise SystemExit(f"not all letters had an answer within {_PATIENCE:.0f} s")


def ratio(speeds: Mapping[int, float]) -> float:
    return speeds[MANY] / speeds[FEW]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    speeds = measure()
    if options.json:
        print(
            json.dumps(
                {str(count): speed for count, speed in speeds.items()} | {"ratio": ratio(speeds)}
            )
        )
    else:
        print(f"{LETTERS} letters, {LATENCY:g} s each at the mail server, 4 at once a worker")
        for count, speed in speeds.items():
            print(f"  {count} worker{'s' * (count > 1)}: {speed:5.2f} letters a second")
        print(f"  {ratio(speeds):.2f} x (promised: {PROMISED})")
    return 0 if ratio(speeds) >= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main())
