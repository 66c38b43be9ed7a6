"""Start-up time beside mailmerge's: `--help`, and `check` and `preview` of the sample campaign.

Prints one table of medians and ratios; `--json` prints the figures. Both programs are run in turn,
in the same minute, so that a busy machine is busy for both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
RUNS = 15

COMMANDS = {
    "mailmerge --help": ["mailmerge", "--help"],
    "faxappeal --help": ["faxappeal", "--help"],
    "faxappeal check": ["faxappeal", "-C", str(ROOT), "check"],
    "faxappeal preview": [
        *("faxappeal", "-C", str(ROOT), "preview", "state-council", "--channel", "fax"),
    ],
}
PEER = "mailmerge --help"
# what the project promises, as a ratio to the peer
PROMISED = {"faxappeal --help": 1.3, "faxappeal check": 2.5}


def seconds(command: list[str]) -> float:
    """How long one run takes, from start to end."""
    start = time.perf_counter()
    # compiled modules are kept, as they are where a wheel is installed
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [BIN / command[0], *command[1:]], capture_output=True, check=True, env=environment
    )
    return time.perf_counter() - start


def measure(runs: int = RUNS) -> dict[str, float]:
    """Median seconds of each command; one warm-up each."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(runs + 1):
        for name, command in COMMANDS.items():
            taken = seconds(command)
            if run:
                times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    medians = measure(arguments.runs)
    ratios = {name: taken / medians[PEER] for name, taken in medians.items()}
    if arguments.json:
        print(json.dumps({"seconds": medians, "ratios": ratios, "promised": PROMISED}))
        return
    print(f"{'command':20}  seconds   ratio  promised")
    for name, taken in medians.items():
        promised = f"{PROMISED[name]:8.1f}" if name in PROMISED else ""
        print(f"{name:20}  {taken:7.3f}  {ratios[name]:6.2f}  {promised}")


if __name__ == "__main__":
    main()
