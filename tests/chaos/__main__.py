"""make crash RUNS=1 KILLS=20 CHANNEL=all SEED=1 WORKERS=0 RESTARTS=0 STOPS=0

Exit 0 when nothing was lost, doubled, sent twice or called at the same time, and nothing ended
unknown that the account could have told by our reference.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.chaos import accounts
from tests.chaos.accounts import FarSide
from tests.chaos.run import ADDRESSES, NUMBERS, ChaosRun
from tests.chaos.verdict import Verdict
from tests.chaos.workers import WorkerChaosRun
from tests.support import boundaries, servers
from tests.support.fakes import fax_accounts
from tests.support.servers.postgres import Postgres

CHANNELS = ("all", "fax", *fax_accounts(), "hylafax", "smtp")


@contextmanager
def far_sides(channel: str, chance: random.Random, folder: Path) -> Iterator[list[FarSide]]:
    """The accounts of a run."""
    with ExitStack() as stack:
        if channel == "hylafax":
            yield [stack.enter_context(accounts.real_hylafax(chance, NUMBERS))]
        elif channel == "smtp":
            yield [stack.enter_context(accounts.real_mail(ADDRESSES))]
        else:
            name = "sinch" if channel in ("fax", "all") else channel
            fax = stack.enter_context(accounts.unreliable_account(name, chance, folder))
            mail = (
                [stack.enter_context(accounts.unreliable_smtp(chance))] if channel == "all" else []
            )
            yield [fax, *mail]


@contextmanager
def open_run(
    options: argparse.Namespace, folder: Path, sides: Sequence[FarSide], chance: random.Random
) -> Iterator[ChaosRun]:
    """A run on one machine, or of several workers of a ledger in PostgreSQL."""
    if not options.workers:
        yield ChaosRun(folder, sides, chance, options.kills)
        return
    with servers.folder() as base, Postgres(base) as server:
        yield WorkerChaosRun(
            folder,
            sides,
            chance,
            options.kills,
            server=server,
            workers=options.workers,
            restarts=options.restarts,
            stops=options.stops,
        )


def main() -> int:
    """All runs; one line each, and the last one counts."""
    boundaries.loopback_only()
    parser = argparse.ArgumentParser(prog="make crash")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--restarts", type=int, default=0)
    parser.add_argument("--stops", type=int, default=0)
    parser.add_argument("--channel", choices=CHANNELS, default="all")
    options = parser.parse_args()
    total, killed = Verdict(), 0
    for run in range(options.runs):
        seed = options.seed + run
        chance = random.Random(seed)
        start = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="faxappeal-chaos-") as folder,
            far_sides(options.channel, chance, Path(folder)) as sides,
            open_run(options, Path(folder), sides, random.Random(seed)) as chaos_run,
        ):
            chaos_run.prepare()
            chaos_run.run()
            chaos_run.ask_accounts()
            verdict = chaos_run.judge()
        total, killed = total + verdict, killed + chaos_run.killed
        states = ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items()))
        print(
            f"SEED={seed}: {chaos_run.killed} kills in {time.monotonic() - start:.0f} s; {states}; "
            f"{len(verdict.lost)} lost, {len(verdict.doubled)} handed over twice, "
            f"{len(verdict.twice)} arrived twice, {len(verdict.overlaps)} overlaps, "
            f"{verdict.unknown} unknown",
            flush=True,
        )
        for word in ("lost", "doubled", "twice", "overlaps", "findable"):
            for line in getattr(verdict, word):
                print(f"  {word}: {line}", flush=True)
    twice = len(total.doubled) + len(total.twice)
    print(
        f"{killed} kills, {total.deliveries} deliveries: {len(total.lost)} lost, {twice} twice, "
        f"{len(total.overlaps)} overlaps, {total.unknown} unknown"
    )
    return 0 if total.holds else 1


if __name__ == "__main__":
    sys.exit(main())
