"""A hundred thousand letters to 700 numbers, planned, queued and drained by workers.

A hundred and forty-three senders write to 700 numbers each: more than the program lets anybody
send in a day, so the plan is made below that limit, by the same `plan`, `ledger` and `jobs`. The
account is one that takes every fax and has delivered it when it is asked; letters have no pages,
and time runs eight times as fast. What is measured is the ledger, the queue and the workers:
how long each takes, and whether their memory grows.

    python -m benchmarks.backlog [--letters N] [--workers N] [--drain N]

With `--drain` only so many are sent: all of them take hours.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from faxappeal.campaign import loading
from faxappeal.campaign.delivery import Delivery, Keyed, deliveries, keyed
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.senders import Signatory
from faxappeal.config.sections import LedgerSection, Pacing
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.ledger import Ledger, Record
from faxappeal.ledger.documents import Documents
from faxappeal.ledger.locking import lock
from faxappeal.ledger.postgres import PostgresStore
from faxappeal.providers.base import Accepted, BeforeSend, Delivered, Job, Outcome, ProviderReport
from faxappeal.workers import service
from faxappeal.workers.queue import Jobs, prepare
from faxappeal.workers.timing import Timing
from faxappeal.workers.worker import Worker
from tests.support import servers
from tests.support.campaigns import write
from tests.support.fakes.null_account import Letters, QuietAccount
from tests.support.servers.postgres import PASSWORD, USER, Postgres

NUMBERS, LETTERS, WORKERS = 700, 100_000, 2
# of the clock: 700 numbers, each called once in six minutes, are then 15 letters a second
SPEED = 8.0
TIMING = Timing(poll=0.05, speed=SPEED)
TURN = Pacing().per_number_gap + timedelta(minutes=1)  # as send --enqueue has it
_EPOCH = datetime(2026, 11, 2, 12, tzinfo=UTC)
_PIECE = 1_000  # letters that are planned and queued together
# 555-0100 to 555-0199 of an area code are nobody's
_AREAS = (202, 206, 212, 213, 215, 216, 303)


class Account(QuietAccount):
    """Takes every fax, and has delivered it when it is asked."""

    supports_lookup = True

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        before_send()
        return Accepted(ProviderReport(job.reference))

    def look_up(self, account_reference: str) -> Outcome:
        return Delivered(ProviderReport(account_reference, pages=1))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return Delivered(ProviderReport(job.reference, pages=1))


class FastClock:
    """Real time since a moment, times the speed."""

    def __init__(self, start: float) -> None:
        self.start = start

    def now(self) -> datetime:
        return _EPOCH + timedelta(seconds=(time.time() - self.start) * SPEED)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / SPEED)


class Session:
    """Makes deliveries of a loaded campaign, as a worker's session does."""

    def __init__(self, campaign: LoadedCampaign, ledger: Ledger, clock: FastClock) -> None:
        self._campaign, self._clock = campaign, clock
        self._digest = keyed(ledger.key)
        self._by_hash = {
            self._digest("sender", campaign.sent_by(each).settings.sender.identity): each
            for each in campaign.senders
        }
        account = Account()
        self.dispatcher = Dispatcher(
            ledger=ledger,
            clock=clock,
            letters=Letters(),
            account=lambda _name: account,
            account_name=lambda _channel: account.name,
            pacing=Pacing(hours="00:00-24:00", days="mon-sun", holidays=False),
            archive=Documents(ledger.documents),
        )

    def find(self, record: Record) -> Delivery:
        sender = self._by_hash[record.sender]
        [delivery] = deliveries_of(self._campaign, sender, self._digest, record.recipient)
        return delivery

    def do_chores(self) -> None:
        pass

    def close(self) -> None:
        pass


def deliveries_of(
    campaign: LoadedCampaign, sender: Signatory, digest: Keyed, only: str | None = None
) -> list[Delivery]:
    """A sender's letters."""
    whose = campaign.sent_by(sender)
    wanted = [only] if only else []
    return deliveries(whose, digest, _EPOCH, only=wanted, signatory=sender.id)


def prepared(folder: Path, senders: int) -> LoadedCampaign:
    """The campaign, with its senders."""
    if not folder.exists():
        numbers = [f"+1{area}55501{n:02}" for area in _AREAS for n in range(100)]
        write(folder, [f"o{n} {number}" for n, number in enumerate(numbers)])
    read = loading.ready(loading.read(folder))
    assert read
    each = tuple(Signatory(f"s{n}", f"Sender {n}", "", _EPOCH.date()) for n in range(senders))
    section = read.settings.senders.model_copy(update={"mode": "each"})
    settings = read.settings.model_copy(update={"senders": section})
    return replace(read, settings=settings, signatories=each)


def pieces(campaign: LoadedCampaign, digest: Keyed, letters: int) -> Iterator[list[Delivery]]:
    """The deliveries, some at a time."""
    some: list[Delivery] = []
    for sender in campaign.senders:
        some += deliveries_of(campaign, sender, digest)
        while len(some) >= _PIECE or (letters <= len(some) and some):
            piece, some = some[: min(_PIECE, letters)], some[_PIECE:]
            letters -= len(piece)
            yield piece
            if letters <= 0:
                return


def enqueue(home: PostgresStore, campaign: LoadedCampaign, letters: int) -> dict[str, float]:
    """Plan and queue; seconds, and the growth of memory in MB between a tenth and all of it."""
    clock = FastClock(time.time())
    planned = queued = 0.0
    early: float | None = None
    done = 0
    turns: Counter[str] = Counter()
    with home.open() as ledger, lock(ledger, "benchmark", shared=True):
        prepare(ledger)
        letter = Letters()
        for piece in pieces(campaign, keyed(ledger.key), letters):
            begun = time.perf_counter()
            ledger.plan_all(piece, clock.now())
            content = {delivery.id: letter.content_sha256(delivery) for delivery in piece}
            ledger.queue_for_workers(content, dict.fromkeys(content, ""))
            between = time.perf_counter()
            after = {d.id: TURN * turns[d.address_key] for d in piece}
            turns.update(delivery.address_key for delivery in piece)
            Jobs(home.section, TIMING).put(piece, after)
            planned, queued = planned + between - begun, queued + time.perf_counter() - between
            done += len(piece)
            if early is None and done >= letters / 10:
                early = peak()
    return {"planned": planned, "queued": queued, "grown": peak() - (early or peak())}


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(process: int) -> float:
    """What a process has now, in MB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def work(section: LedgerSection, folder: Path, senders: int, start: float) -> None:
    """A worker's process."""
    home, clock = PostgresStore(section), FastClock(start)
    campaign = prepared(folder, senders)
    with home.open() as ledger, lock(ledger, "benchmark", shared=True):
        staff = Worker(ledger, clock, lambda: Session(campaign, ledger, clock), lambda _words: None)
        service.QueueConsumer(
            Jobs(section, TIMING), {"test": staff}, lambda _words: None, 4
        ).serve()


def drain(
    server: Postgres, section: LedgerSection, folder: Path, letters: int, workers: int, enough: int
) -> dict[str, float]:
    """Let workers send all, or `enough`; letters a second, and how a worker's memory grew (MB)."""
    senders = -(-letters // NUMBERS)
    start = time.time()
    context = multiprocessing.get_context("spawn")
    running = [
        context.Process(target=work, args=(section, folder, senders, start)) for _ in range(workers)
    ]
    for process in running:
        process.start()
    early: list[float] = []
    grown: list[float] = [0.0]
    where: dict[str, Any] = {"host": "127.0.0.1", "port": server.port}
    where |= {"user": USER, "password": PASSWORD, "dbname": str(section.url).rpartition("/")[2]}
    with closing(psycopg.connect(**where, autocommit=True)) as ledger:
        done = 0
        while done < enough:
            time.sleep(2)
            row = ledger.execute(
                "SELECT count(*) FROM delivery WHERE state = 'delivered'"
            ).fetchone()
            done = row[0] if row else 0
            now = [memory(process.pid or 0) for process in running]
            if not early and done >= enough / 10:
                early = now
            if early:
                grown.append(max(a - b for a, b in zip(now, early, strict=True)))
            spent = time.time() - start
            print(f"  {done:7} after {spent:5.0f} s, {max(now):.0f} MB", file=sys.stderr)
        seconds = time.time() - start
        overlaps = ledger.execute(_OVERLAPS).fetchone()
    for process in running:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()
    assert overlaps
    return {"a_second": done / seconds, "grown": max(grown), "overlaps": float(overlaps[0])}


# two letters to one number, of which the later one was claimed before the earlier one had ended
_OVERLAPS = """
SELECT count(*) FROM (
  SELECT claimed_at, lag(updated_at) OVER (PARTITION BY address_key ORDER BY claimed_at) AS before
  FROM delivery) AS calls
WHERE claimed_at < before
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog")
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--drain", type=int)
    options = parser.parse_args()
    senders = -(-options.letters // NUMBERS)
    with (
        servers.folder() as base,
        Postgres(base) as server,
        tempfile.TemporaryDirectory() as data,
    ):
        os.environ["XDG_DATA_HOME"] = data
        folder = Path(data) / "campaign"
        section = LedgerSection.model_validate({"url": server.database(), "password": PASSWORD})
        first = enqueue(PostgresStore(section), prepared(folder, senders), options.letters)
        print(first, file=sys.stderr)
        enough = options.drain or options.letters
        second = drain(server, section, folder, options.letters, options.workers, enough)
    if options.json:
        print(json.dumps({"enqueue": first, "drain": second}))
        return 0
    rate = options.letters / (first["planned"] + first["queued"])
    print(f"{options.letters} letters to {NUMBERS} numbers, {options.workers} workers")
    print(
        f"  planned in {first['planned']:.0f} s, queued in {first['queued']:.0f} s: "
        f"{rate:.0f} a second"
    )
    print(f"  the planner's memory grew by {first['grown']:.0f} MB after the first tenth")
    sent, overlaps = second["a_second"], second["overlaps"]
    print(f"  {enough} of them sent: {sent:.1f} a second; {overlaps:.0f} overlaps")
    print(f"  a worker's memory grew by {second['grown']:.0f} MB at most after the first tenth")
    return 0 if not second["overlaps"] else 1


if __name__ == "__main__":
    sys.exit(main())
