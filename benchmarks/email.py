"""1,000 text e-mails to smtp-sink, beside mailmerge: ours claimed and recorded durably, each.

Prints one table of seconds and ratios; `--json` prints the figures. Both programs send the same
text to the same recipients through the same server on loopback, in turn. mailmerge makes a new
connection for each message and writes nothing down. The server is Postfix's smtp-sink, from
Debian's package, unpacked and not installed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.campaigns import RECIPIENT, write
from tests.servers.debian import unpack

BIN = Path(sys.executable).parent
PACKAGES = ("postfix",)  # only its smtp-sink is run
LETTERS, RUNS = 1000, 3
TEXT = (
    "we ask you to do what the law of your country asks of you, and to tell us what became of the "
    "people whom your officers took from their home in March.\n\n"
) * 4
SUBJECT = "Where are they?"


@contextmanager
def sink() -> Iterator[int]:
    """smtp-sink on loopback; its port. It takes all and keeps nothing."""
    root = unpack(*PACKAGES)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    libraries = {path.parent for path in root.glob("usr/lib/**/*.so*")}
    environment = {"LD_LIBRARY_PATH": ":".join(str(path) for path in sorted(libraries))}
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    server = subprocess.Popen(
        [root / "usr/sbin/smtp-sink", *user, f"127.0.0.1:{port}", "200"], env=environment
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def addresses(count: int) -> list[str]:
    return [f"office-{n}@example.org" for n in range(count)]


def ours(folder: Path, port: int, count: int) -> float:
    """Seconds that `faxappeal send` takes; the ledger is looked at afterwards."""
    people = [f"r{n} {address}" for n, address in enumerate(addresses(count))]
    assert RECIPIENT
    write(
        folder,
        people,
        f"---\nsubject: {SUBJECT}\n---\n{{{{ to.salutation }}}},\n\n{TEXT}",
        '\n[email]\naccount = "smtp"\npdf = false\n[email.smtp]\nhost = "127.0.0.1"\n'
        f'security = "none"\nport = {port}\n',
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"XDG_DATA_HOME": str(folder / "data"), "HOME": str(folder)}
    taken = _seconds([BIN / "faxappeal", "-C", folder, "send", "--yes"], folder, environment)
    with sqlite3.connect(folder / "data" / "faxappeal" / "ledger.db") as ledger:
        query = "SELECT count(*) FROM delivery WHERE state = 'accepted'"
        [(accepted,)] = ledger.execute(query).fetchall()
    assert accepted == count, accepted
    return taken


def mailmerge(folder: Path, port: int, count: int) -> float:
    """Seconds that mailmerge takes for the same text."""
    folder.mkdir()
    (folder / "mailmerge_template.txt").write_text(
        f"TO: {{{{email}}}}\nSUBJECT: {SUBJECT}\nFROM: Erika Mustermann <appeals@example.org>\n\n"
        f"{{{{salutation}}}},\n\n{TEXT}"
    )
    (folder / "mailmerge_server.conf").write_text(
        f"[smtp_server]\nhost = 127.0.0.1\nport = {port}\n"
    )
    with (folder / "mailmerge_database.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "salutation"])
        rows.writerows([address, "Dear Madam or Sir"] for address in addresses(count))
    return _seconds([BIN / "mailmerge", "--no-dry-run", "--no-limit"], folder, dict(os.environ))


def _seconds(command: list[str | Path], folder: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - start


def measure(count: int, runs: int) -> dict[str, float]:
    """Median seconds of each program."""
    times: dict[str, list[float]] = {"mailmerge": [], "faxappeal send": []}
    with sink() as port:
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as name:
                times["mailmerge"].append(mailmerge(Path(name) / "peer", port, count))
                times["faxappeal send"].append(ours(Path(name) / "ours", port, count))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    medians = measure(arguments.letters, arguments.runs)
    ratio = medians["faxappeal send"] / medians["mailmerge"]
    if arguments.json:
        print(json.dumps({"letters": arguments.letters, "seconds": medians, "ratio": ratio}))
        return
    print(f"{arguments.letters} e-mails      seconds   ratio")
    for program, taken in medians.items():
        print(f"{program:16}  {taken:9.2f}  {taken / medians['mailmerge']:6.2f}")


if __name__ == "__main__":
    main()
