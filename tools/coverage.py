"""Say how many branches of each layer the tests have run. Part of `make coverage`.

Reads a report of `coverage json`. A layer of LAYERS with less than GOAL is an error. What only a
real server can run is left out: its tests are in tests/integration and tests/workers.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

GOAL = 90.0  # percent
LAYERS = ["core", "config", "campaign", "checks", "delivery", "ledger", "providers", "output"]
SERVERS_ONLY = ("ledger/postgres.py", "ledger/postgres_connection.py")


def branches(report: Path) -> dict[str, tuple[int, int]]:
    """For each folder of the package: the branches that were run, and all."""
    run: Counter[str] = Counter()
    all_of_them: Counter[str] = Counter()
    for name, file in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        path = name.replace("\\", "/").partition("src/faxappeal/")[2]
        if path in SERVERS_ONLY or "/" not in path:
            continue
        layer = path.partition("/")[0]
        run[layer] += file["summary"]["covered_branches"]
        all_of_them[layer] += file["summary"]["num_branches"]
    return {layer: (run[layer], all_of_them[layer]) for layer in sorted(all_of_them)}


def main(arguments: list[str]) -> int:
    """Print the table; the exit code of the check."""
    is_low = False
    for layer, (run, of) in branches(Path(arguments[0])).items():
        percent = 100 * run / of if of else 100.0
        is_low |= layer in LAYERS and percent < GOAL
        print(f"{layer:12}{run:6} of {of:5} branches {percent:6.1f} %")
    if is_low:
        print(f"coverage: at least {GOAL:g} % of each of {', '.join(LAYERS)}", file=sys.stderr)
    return int(is_low)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
