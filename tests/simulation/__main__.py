"""make simulate N=20000 SEED=1

Exit 0 when no history breaks a promise. Of each promise that is broken the first history is made
as short as it can be, and told.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.simulation import history
from tests.simulation.shrink import shrink

_AT_ONCE = 25  # histories that a process is given


@dataclass
class Sum:
    """What came of several histories."""

    broken: list[tuple[int, list[str], list[str]]] = field(default_factory=list)
    occurred: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)


def some(seeds: range) -> Sum:
    """The histories of these seeds."""
    total = Sum()
    for seed in seeds:
        ended = history.run(seed)
        total.occurred.update(ended.occurred)
        total.states.update(ended.states)
        if ended.violations:
            promises = sorted({each.promise for each in ended.violations})
            total.broken.append((seed, promises, [str(each) for each in ended.violations]))
    return total


def batches(first: int, number: int) -> Iterator[range]:
    for start in range(first, first + number, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, first + number))


def tell(seed: int) -> None:
    """The history of a seed, as short as it can be."""
    ended = history.run(seed)
    if ended.violations:
        ended = shrink(ended)
    plan = ended.plan
    print(f"SEED={seed}: {plan.fax}, {'PostgreSQL' if plan.is_shared else 'SQLite'}")
    for line in ended.story:
        print(f"  {line}")
    for violation in ended.violations:
        print(f"  → {violation}")


def main() -> int:
    """All histories; the last line counts."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tell", action="store_true", help="one history, whatever comes of it")
    options = parser.parse_args()
    if options.tell:
        tell(options.seed)
        return 0
    start, total = time.monotonic(), Sum()
    with ProcessPoolExecutor(options.jobs) as pool:
        for part in pool.map(some, batches(options.seed, options.histories)):
            total.broken += part.broken
            total.occurred.update(part.occurred)
            total.states.update(part.states)
            for seed, _, words in part.broken:
                print(f"SEED={seed}: {'; '.join(words)[:300]}", flush=True)
    told: set[str] = set()
    for seed, promises, _ in total.broken:
        if not told.issuperset(promises):
            told.update(promises)
            tell(seed)
    _print_counts("what happened", total.occurred)
    _print_counts("how letters ended", total.states)
    rate = options.histories / (time.monotonic() - start)
    print(f"{rate:.1f} histories a second")
    print(f"{options.histories} histories: {len(total.broken)} violations")
    return 1 if total.broken else 0


def _print_counts(title: str, counted: Counter[str]) -> None:
    print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counted.most_common()))


if __name__ == "__main__":
    sys.exit(main())
