"""A chaos run on one machine: the program is killed (-9), started again and killed again."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.accounts import FarSide
from tests.chaos.program import ChaosClock
from tests.chaos.verdict import Told, Verdict, judge
from tests.support.campaigns import ROOT, write

NUMBERS = [f"+120255501{n:02}" for n in range(20)]
ADDRESSES = [f"office-{n:02}@example.org" for n in range(50)]
DELIVERIES = 200
LETTERS_EVENTS = 5  # about so many events lie between a letter's plan and its end
PATIENCE = 300.0  # seconds without anything new in the ledger: something was lost


@dataclass
class ChaosRun:
    """One run: campaigns, a ledger, the far sides, and the program that is killed."""

    folder: Path
    far_sides: Sequence[FarSide]
    chance: random.Random
    kills: int
    campaigns: list[Path] = field(default_factory=list)
    killed: int = 0
    patience = PATIENCE

    def prepare(self) -> None:
        """Campaigns that share numbers, addresses and accounts, each with a letter of its own."""
        fax = any(side.channel == "fax" for side in self.far_sides)
        mail = any(side.channel == "email" for side in self.far_sides)
        names = [f"c{n}" for n in range(10 if fax and not mail else 4)]
        mails = (30 if fax else 50) if mail else 0
        for number, name in enumerate(names):
            numbers = NUMBERS if fax else []
            first = number * mails
            chosen = [ADDRESSES[(first + n) % len(ADDRESSES)] for n in range(mails)]
            folder = write(
                self.folder / name,
                [f"f{n} {fax}" for n, fax in enumerate(numbers)]
                + [f"m{n} {mail}" for n, mail in enumerate(chosen)],
                f"---\nsubject: Please answer {name}\n---\n{{{{ to.salutation }}}}, {name}.\n",
                "".join(side.settings(name) for side in self.far_sides)
                + '\n[pacing]\nhours = "00:00-24:00"\ndays = "mon-sun"\nholidays = false\n'
                'attempts = 3\nper_number_gap = "1m"\n',
            )
            toml = folder / "faxappeal.toml"
            toml.write_text(toml.read_text().replace('id = "test"', f'id = "{name}"'))
            self.campaigns.append(folder)
        ChaosClock.write(self.clock, min(side.speed for side in self.far_sides))

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    @property
    def ledger(self) -> Path:
        return self.folder / "data" / "ledger.db"

    @property
    def documents(self) -> Path:
        return self.ledger.parent / "documents"

    def run(self) -> None:
        """Start, kill, start again; then let it come to its end."""
        end, seen = time.monotonic() + self.patience, 0
        process: subprocess.Popen[bytes] | None = None
        campaign = self.chance.randrange(len(self.campaigns))
        next_kill = self._next_kill()
        while time.monotonic() < end:
            if process is None:
                if self.killed >= self.kills and not self._open_campaigns():
                    return
                if not self._open_campaigns():
                    next_kill = self._next_kill()  # nothing is written any more: by the clock
                campaign = self._next_campaign(campaign)
                process = self._start(self.campaigns[campaign], self._words())
            events = self._events()
            if events > seen:
                end, seen = time.monotonic() + self.patience, events
            if self.killed < self.kills and next_kill.is_due(events):
                process.kill()
                process.wait()
                process = None
                self.killed += 1
                next_kill = self._next_kill()
            elif process.poll() is not None:
                self._check(process)
                process = None
            else:
                time.sleep(0.01)
        if process:
            process.kill()
            process.wait()

    def ask_accounts(self) -> None:
        """What the accounts and the mailbox tell afterwards."""
        for folder in self.campaigns:
            process = self._start(folder, ["status"])
            process.wait()
            self._check(process)

    def _check(self, process: subprocess.Popen[bytes]) -> None:
        """It ended by itself: only as it may."""
        if process.returncode not in (0, 3, 4):
            words = (self.folder / "out").read_text(encoding="utf-8")[-2000:]
            raise SystemExit(f"faxappeal ended with {process.returncode}:\n{words}")

    def _next_campaign(self, last: int) -> int:
        """Any, as long as it is killed; then one after the other that is not over yet."""
        open_ = self._open_campaigns()
        if not open_:
            return self.chance.randrange(len(self.campaigns))
        if self.killed < self.kills:
            return self.chance.choice(open_)
        return next((n for n in open_ if n > last), open_[0])

    def _open_campaigns(self) -> list[int]:
        planned = -(-DELIVERIES // len(self.campaigns))
        told = self.told()
        return [
            number
            for number, folder in enumerate(self.campaigns)
            if sum(t.campaign == folder.name and t.is_final for t in told) < planned
        ]

    def _words(self) -> list[str]:
        words = ["send", "--yes"]
        if self.killed < self.kills and self.chance.random() < 0.5:
            words.append("--no-wait")
        return words

    def _start(self, campaign: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FAXAPPEAL_")
        }
        environment |= {
            **self._environment(),
            "HOME": str(self.folder),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        for side in self.far_sides:
            environment |= side.environment()
        with (self.folder / "out").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.program", self.clock, "-C", campaign, *words],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def _environment(self) -> dict[str, str]:
        """Where the ledger is."""
        return {"FAXAPPEAL_LEDGER__URL": f"sqlite:///{self.ledger}"}

    def _next_kill(self) -> KillTime:
        """Some kills come at any moment of a start. The others spread over the work that is left,
        counted in the ledger's events."""
        open_ = DELIVERIES - sum(told.is_final for told in self.told())
        if not open_ or self.chance.random() < 0.3:
            return KillTime(self.chance, seconds=self.chance.uniform(0.2, 3))
        step = open_ * LETTERS_EVENTS / max(1, self.kills - self.killed)
        return KillTime(
            self.chance, events=self._events() + int(self.chance.uniform(1, 1.6 * step))
        )

    def _query(self, words: str) -> list[tuple[object, ...]]:
        if not self.ledger.exists():
            return []
        try:
            connection = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=10)
            try:
                return connection.execute(words).fetchall()
            finally:
                connection.close()
        except sqlite3.OperationalError:  # it is being made
            return []

    def _events(self) -> int:
        rows = self._query("SELECT coalesce(max(seq), 0) FROM event")
        return int(str(rows[0][0])) if rows else 0

    def told(self) -> list[Told]:
        """The deliveries as the ledger has them."""
        rows = self._query("SELECT campaign, channel, address, state, reference FROM delivery")
        return [Told(*row) for row in rows]  # type: ignore[arg-type]

    def known(self) -> dict[str, tuple[str, str]]:
        """References and documents of all attempts, each with its campaign and address."""
        rows = self._query(
            "SELECT e.document, e.reference, d.campaign, d.address FROM event e JOIN delivery d"
            " ON d.id = e.delivery WHERE e.document IS NOT NULL"
        )
        return {
            str(key): (str(name), str(address))
            for document, reference, name, address in rows
            for key in (document, reference)
        }

    def judge(self) -> Verdict:
        """What came of it."""
        arrivals = [
            arrival
            for side in self.far_sides
            for arrival in side.arrivals(self.known(), self.documents)
        ]
        return judge(DELIVERIES, self.told(), arrivals)


@dataclass
class KillTime:
    """When the next kill comes."""

    chance: random.Random
    seconds: float | None = None  # after now
    events: int = 0  # of the ledger
    _at: float | None = None

    def is_due(self, events: int) -> bool:
        now = time.monotonic()
        if self._at is None:
            if self.seconds is not None:
                self._at = now + self.seconds
            elif events >= self.events:
                self._at = now + self.chance.uniform(0, 0.2)
        return self._at is not None and now >= self._at
