"""A chaos run over workers of one shared ledger: they are killed (-9), stopped for a while and gone on
with, and their database is started again as after a power cut."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.chaos.program import STALLED
from tests.chaos.run import ChaosRun
from tests.support.servers.postgres import PASSWORD, USER, Postgres

_FAULT_INTERVAL = 0.7  # seconds between two faults, on average, beside the work that is to be done


@dataclass
class WorkerChaosRun(ChaosRun):
    """One run of several workers."""

    server: Postgres = field(kw_only=True)
    workers: int = 3
    restarts: int = 0  # of the database
    stops: int = 0  # of a worker, for longer than others wait for its heartbeat
    stopped: int = 0
    restarted: int = 0
    _url: str = ""
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _asleep: dict[int, float] = field(default_factory=dict)  # process id -> until when

    def run(self) -> None:
        self._url = self.server.database()
        for campaign in self.campaigns:
            self._enqueue(campaign)
        self._running = [self._worker() for _ in range(self.workers)]
        end, seen = time.monotonic() + self.patience, 0
        next_fault = time.monotonic() + 1.0
        try:
            while time.monotonic() < end:
                now = time.monotonic()
                self._wake(now)
                self._keep_running()
                events = self._events()
                if events > seen:
                    end, seen = now + self.patience, events
                if self._faults_left() and now >= next_fault:
                    self._cause_fault()
                    next_fault = now + self.chance.uniform(0, 2 * _FAULT_INTERVAL)
                elif not self._faults_left() and not self._open_campaigns():
                    break
                time.sleep(0.05)
        finally:
            self._end()

    def _enqueue(self, campaign: Path) -> None:
        """Killed as well, now and then; in the end all of it is in the queue."""
        while True:
            process = self._start(campaign, ["send", "--yes", "--enqueue"])
            if self.killed < self.kills and self.chance.random() < 0.3:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(self.chance.uniform(0.5, 3))
                    return self._check(process)
                process.kill()
                process.wait()
                self.killed += 1
                continue
            process.wait()
            return self._check(process)

    def _faults_left(self) -> bool:
        left = (self.kills - self.killed, self.restarts - self.restarted, self.stops - self.stopped)
        return any(count > 0 for count in left)

    def _cause_fault(self) -> None:
        """One of the faults that are left."""
        faults = (
            [self._kill] * max(0, self.kills - self.killed)
            + [self._restart] * max(0, self.restarts - self.restarted)
            + [self._stop] * max(0, self.stops - self.stopped)
        )
        self.chance.choice(faults)()

    def _kill(self) -> None:
        process = self.chance.choice(self._running)
        process.kill()
        process.wait()
        self._running.remove(process)
        self._asleep.pop(process.pid, None)
        self._running.append(self._worker())
        self.killed += 1

    def _stop(self) -> None:
        """At any step; others have given it up when it goes on."""
        awake = [each for each in self._running if each.pid not in self._asleep]
        if len(awake) < 2:
            return
        process = self.chance.choice(awake)
        process.send_signal(signal.SIGSTOP)
        self._asleep[process.pid] = time.monotonic() + STALLED * self.chance.uniform(1.5, 4)
        self.stopped += 1

    def _wake(self, now: float) -> None:
        for process in self._running:
            if self._asleep.get(process.pid, now + 1) <= now:
                process.send_signal(signal.SIGCONT)
                del self._asleep[process.pid]

    def _restart(self) -> None:
        self.server.restart()
        self.restarted += 1

    def _keep_running(self) -> None:
        """A worker ends only when it is told to, or did not find the database when it began."""
        for process in [each for each in self._running if each.poll() is not None]:
            if process.returncode != 5:
                words = (self.folder / "out").read_text(encoding="utf-8")[-2000:]
                raise SystemExit(f"a worker ended with {process.returncode}:\n{words}")
            self._running.remove(process)
            self._running.append(self._worker())

    def _end(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                assert process.wait(60) == 0, "a worker ends well"
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise SystemExit("a worker does not end") from None

    def _worker(self) -> subprocess.Popen[bytes]:
        return self._start(self.folder, ["worker", *map(str, self.campaigns)])

    def _environment(self) -> dict[str, str]:
        return self.server.environment(self._url) | {
            "FAXAPPEAL_LEDGER__DOCUMENTS": str(self.documents)
        }

    def _query(self, words: str) -> list[tuple[object, ...]]:
        name = self._url.rpartition("/")[2]
        try:
            with psycopg.connect(
                host="127.0.0.1",
                port=self.server.port,
                user=USER,
                password=PASSWORD,
                dbname=name,
                autocommit=True,
            ) as connection:
                return connection.execute(words.encode()).fetchall()
        except psycopg.Error:  # it is being started, or the tables are being made
            return []

    def jobs(self) -> int:
        """What is left in the queue."""
        rows = self._query("SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock !~ ' '")
        return int(str(rows[0][0]))
