"""A thousand personal letters as PDF and fax on two cores, beside LibreOffice + Ghostscript.

Prints one table; `--json` prints the figures. The peer makes 20 letters:
one LibreOffice for all of them, one Ghostscript for each. Seconds are those on the clock, memory is
the peak of one process; "early" is the peak after a tenth of the letters.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks import libreoffice
from faxappeal.campaign import loading
from faxappeal.campaign.delivery import deliveries, keyed
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents.renderer import Letters
from tests.support.clock import MORNING

ROOT = Path(__file__).parents[1]
LETTERS, PEER_LETTERS, PROCESSES = 1000, 20, 2
DAY = date(2003, 2, 14)


@dataclass(frozen=True)
class Figures:
    """What it took to make so many letters."""

    letters: int
    seconds: float
    early_mb: float | None
    peak_mb: float

    @property
    def each(self) -> float:
        return self.seconds / self.letters


def personal(folder: Path, count: int) -> LoadedCampaign:
    """The sample's letter to `count` people, each by name."""
    recipients = "".join(
        f"  - {{id: p{n}, name: Recipient {n}, salutation: 'Dear Recipient {n}', country: US,"
        f" timezone: America/New_York, fax: '+1202555{100 + n % 100:04}', source: benchmark}}\n"
        for n in range(count)
    )
    (folder / loading.RECIPIENTS).write_text(f"recipients:\n{recipients}", encoding="utf-8")
    for name in ("letter.j2", "faxappeal.toml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    ready = loading.ready(loading.read(folder))
    assert ready is not None
    return ready


def make(folder: Path, count: int, part: int) -> tuple[float, float]:
    """Every letter of one part, in one process; its peak memory early and at the end, in MB."""
    ready = personal(folder, count)
    letters = Letters(ready, DAY, keyed(bytes(32)))
    mine = deliveries(ready, letters.digest, MORNING)[part::PROCESSES]
    early = 0.0
    for number, delivery in enumerate(mine):
        letters.job(delivery, "benchmark", MORNING)
        if number == len(mine) // 10:
            early = memory(resource.RUSAGE_SELF)
    return early, memory(resource.RUSAGE_SELF)


def memory(whose: int) -> float:
    """The largest resident set so far, in MB (Linux counts in kB)."""
    return resource.getrusage(whose).ru_maxrss / 1000


def ours(count: int = LETTERS) -> Figures:
    """faxappeal, a part of the letters in each of two fresh processes."""
    with tempfile.TemporaryDirectory() as made:
        folders = [Path(made, str(part)) for part in range(PROCESSES)]
        for folder in folders:
            folder.mkdir()
        start = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            tasks = [(folder, count, part) for part, folder in enumerate(folders)]
            peaks = pool.starmap(make, tasks)
        seconds = time.perf_counter() - start
    return Figures(count, seconds, max(e for e, _ in peaks), max(p for _, p in peaks))


def peer(count: int = PEER_LETTERS) -> Figures:
    """LibreOffice and Ghostscript."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ready = personal(folder, count)
        letters = Letters(ready, DAY, keyed(bytes(32)))
        sources = []
        for recipient in ready.recipients:
            source = folder / f"{recipient.id}.fodt"
            source.write_text(libreoffice.document(letters.content(recipient)), encoding="utf-8")
            sources.append(source)
        start = time.perf_counter()
        for pdf in libreoffice.pdfs(sources):
            libreoffice.fax(pdf, "fine")
        seconds = time.perf_counter() - start
    return Figures(count, seconds, None, memory(resource.RUSAGE_CHILDREN))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--letters", type=int, default=LETTERS)
    arguments = parser.parse_args()
    rows = {"faxappeal": ours(arguments.letters)}
    if libreoffice.missing():
        print(f"not beside LibreOffice + Ghostscript: {libreoffice.missing()}")
    else:
        rows["LibreOffice + Ghostscript"] = peer()
    if arguments.json:
        print(json.dumps({name: asdict(row) | {"each": row.each} for name, row in rows.items()}))
        return
    slowest = max(row.each for row in rows.values())
    print(f"{'':26}  letters  seconds  ms each  ratio  MB early  MB peak")
    for name, row in rows.items():
        early = f"{row.early_mb:8.0f}" if row.early_mb else " " * 8
        print(
            f"{name:26}  {row.letters:7}  {row.seconds:7.1f}  {row.each * 1000:7.0f}"
            f"  {row.each / slowest:5.2f}  {early}  {row.peak_mb:7.0f}"
        )


if __name__ == "__main__":
    main()
