"""1,000 e-mails beside mailmerge: ours claimed and recorded durably, each.

Prints one table of seconds and ratios; `--json` prints the figures. Both programs send the same
text to the same recipients through the same server on loopback, in turn. mailmerge writes nothing
down, and makes a new connection for each message: with a handshake and a sign-in, where there are.

- `tls`: text, to a real Exim, inside TLS and with a sign-in, as both are used in the world;
- `pdf`: the same with a PDF attached, the same file to both;
- `clear`: text in clear to Postfix's smtp-sink, which does nothing: what the programs take alone.

The servers are Debian's packages, unpacked and not installed.
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
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import certifi

from faxappeal.campaign import loading
from faxappeal.campaign.delivery import keyed
from faxappeal.documents.renderer import Letters
from tests.support import servers
from tests.support.campaigns import ROOT, write
from tests.support.servers.debian import unpack
from tests.support.servers.mail import DOMAIN, USERS, Mail

BIN = Path(sys.executable).parent
PACKAGES = ("postfix",)  # only its smtp-sink is run
LETTERS, RUNS = 1000, 3
WAYS = ("tls", "pdf", "clear")
USER = f"sender@{DOMAIN}"
TEXT = (
    "we ask you to do what the law of your country asks of you, and to tell us what became of the "
    "people whom your officers took from their home in March.\n\n"
) * 4
SUBJECT = "Where are they?"


@contextmanager
def sink() -> Iterator[Server]:
    """smtp-sink on loopback. It takes all and keeps nothing."""
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
        yield Server("127.0.0.1", port)
    finally:
        server.terminate()
        server.wait()


@dataclass(frozen=True)
class Server:
    """Where the letters go, and how each program is told."""

    host: str
    port: int
    ca_file: Path | None = None  # inside TLS, with a sign-in

    @property
    def ours(self) -> str:
        safe = f'username = "{USER}"\nca_file = "{self.ca_file}"\n'
        return (
            f'\n[email]\naccount = "smtp"\npdf = false\n[email.smtp]\nhost = "{self.host}"\n'
            f"port = {self.port}\n" + (safe if self.ca_file else 'security = "none"\n')
        )

    @property
    def theirs(self) -> str:
        safe = f"security = SSL/TLS\nusername = {USER}\n" if self.ca_file else ""
        return f"[smtp_server]\nhost = {self.host}\nport = {self.port}\n{safe}"


@contextmanager
def real_server(folder: Path) -> Iterator[Server]:
    """Exim, with a mailbox for all."""
    with servers.folder() as place, Mail(place, {"*@example.org": "embassy"}) as server:
        authorities = folder / "authorities.pem"  # as many as a system has, and the server's
        authorities.write_bytes(Path(certifi.where()).read_bytes() + server.ca_file.read_bytes())
        yield Server("localhost", server.smtps, authorities)


@cache
def appeal() -> bytes:
    """The sample's page as PDF."""
    ready = loading.ready(loading.read(ROOT))
    assert ready and ready.settings.campaign.date
    letters = Letters(ready, ready.settings.campaign.date, keyed(b"benchmark"))
    return letters.pdf(letters.content(ready.recipients.recipients[0]))


def addresses(count: int) -> list[str]:
    return [f"office-{n}@example.org" for n in range(count)]


def ours(folder: Path, server: Server, count: int, *, attached: bool) -> float:
    """Seconds that `faxappeal send` takes; the ledger is looked at afterwards."""
    recipients = [f"r{n} {address}" for n, address in enumerate(addresses(count))]
    more = "attachments: [appeal.pdf]\n" if attached else ""
    write(
        folder,
        recipients,
        f"---\nsubject: {SUBJECT}\n{more}---\n{{{{ to.salutation }}}},\n\n{TEXT}",
        server.ours,
    )
    if attached:
        (folder / "appeal.pdf").write_bytes(appeal())
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {
        "XDG_DATA_HOME": str(folder / "data"),
        "HOME": str(folder),
        "FAXAPPEAL_EMAIL__SMTP__PASSWORD": USERS["sender"],
    }
    taken = _seconds([BIN / "faxappeal", "-C", folder, "send", "--yes"], folder, environment)
    with sqlite3.connect(folder / "data" / "faxappeal" / "ledger.db") as ledger:
        query = "SELECT count(*) FROM delivery WHERE state = 'accepted'"
        [(accepted,)] = ledger.execute(query).fetchall()
    assert accepted == count, accepted
    return taken


def mailmerge(folder: Path, server: Server, count: int, *, attached: bool) -> float:
    """Seconds that mailmerge takes for the same text."""
    folder.mkdir()
    more = "ATTACHMENT: appeal.pdf\n" if attached else ""
    (folder / "mailmerge_template.txt").write_text(
        f"TO: {{{{email}}}}\nSUBJECT: {SUBJECT}\nFROM: Erika Mustermann <appeals@example.org>\n"
        f"{more}\n{{{{salutation}}}},\n\n{TEXT}"
    )
    if attached:
        (folder / "appeal.pdf").write_bytes(appeal())
    (folder / "mailmerge_server.conf").write_text(server.theirs)
    with (folder / "mailmerge_database.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "salutation"])
        rows.writerows([address, "Dear Madam or Sir"] for address in addresses(count))
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)  # it runs as it is installed
    if server.ca_file:
        environment["SSL_CERT_FILE"] = str(server.ca_file)
    return _seconds([BIN / "mailmerge", "--no-dry-run", "--no-limit"], folder, environment)


def _seconds(command: list[str | Path], folder: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    # mailmerge asks for the password; without a terminal, on its standard input
    subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=USERS["sender"] + "\n",
        text=True,
        capture_output=True,
        check=True,
        start_new_session=True,
    )
    return time.perf_counter() - start


def measure(way: str, count: int, runs: int) -> dict[str, float]:
    """Median seconds of each program."""
    times: dict[str, list[float]] = {"mailmerge": [], "faxappeal send": []}
    attached = way == "pdf"
    with tempfile.TemporaryDirectory() as place:
        for run in range(runs):
            for name, send in (("mailmerge", mailmerge), ("faxappeal send", ours)):
                folder = Path(place) / f"{run}-{send.__name__}"
                # a new server for each: the queue of the one before is not theirs
                with sink() if way == "clear" else real_server(Path(place)) as server:
                    times[name].append(send(folder, server, count, attached=attached))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    arguments = parser.parse_args()
    found = {way: measure(way, arguments.letters, arguments.runs) for way in arguments.ways}
    ratios = {way: taken["faxappeal send"] / taken["mailmerge"] for way, taken in found.items()}
    if arguments.json:
        print(json.dumps({"letters": arguments.letters, "seconds": found, "ratios": ratios}))
        return
    print(f"{arguments.letters} e-mails             seconds   ratio")
    for way, taken in found.items():
        for program, seconds in taken.items():
            print(f"{way:5}  {program:16}  {seconds:9.2f}  {seconds / taken['mailmerge']:6.2f}")


if __name__ == "__main__":
    main()
