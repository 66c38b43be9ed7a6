"""Seconds on the line: the sample letter as our fax, and as LibreOffice + Ghostscript's.

Both are faxed by spandsp to a machine that takes T.6 with error correction, at 14,400 and at
9,600 bit/s. Prints one table; `--json` prints the figures. Ours has a header line on each page, the
peer's has none.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from benchmarks import libreoffice
from faxappeal.campaign import loading
from faxappeal.campaign.delivery import keyed
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents.renderer import Letters
from tests.support.clock import MORNING
from tests.support.servers import line

ROOT = Path(__file__).parents[1]
RESOLUTIONS: tuple[Literal["fine", "standard"], ...] = ("fine", "standard")
RATES = {14_400: line.V17 | line.V29 | line.V27, 9_600: line.V29 | line.V27}
OURS, PEER = "faxappeal", "LibreOffice + Ghostscript"


@dataclass(frozen=True)
class Call:
    """One fax as it was received."""

    maker: str
    resolution: str
    rate: int  # bit/s
    pages: int
    bytes: int  # of T.6, all pages
    seconds: float


def sample(resolution: Literal["fine", "standard"]) -> LoadedCampaign:
    """The 2003 appeal, on A4."""
    ready = loading.ready(loading.read(ROOT))
    assert ready is not None
    fax = ready.settings.fax.model_copy(update={"resolution": resolution, "paper": "a4"})
    return replace(ready, settings=ready.settings.model_copy(update={"fax": fax}))


def calls(maker: str, resolution: str, tiff: Path) -> list[Call]:
    """The fax sent at each rate; every page must arrive."""
    made = []
    for rate, modems in RATES.items():
        call = line.line_time(tiff, tiff.with_suffix(".received.tif"), modems=modems)
        assert (call.result, call.received, call.code, call.bit_rate) == ("OK", "OK", "MMR", rate)
        made.append(Call(maker, resolution, rate, call.pages, sum(call.image_bytes), call.seconds))
    return made


def measure() -> list[Call]:
    """Our calls and, where it is installed, the peer's."""
    made: list[Call] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for resolution in RESOLUTIONS:
            ready = sample(resolution)
            assert ready.settings.campaign.date
            letters = Letters(ready, ready.settings.campaign.date, keyed(bytes(32)))
            content = letters.content(ready.recipients.recipients[0])
            tiff = folder / f"ours.{resolution}.tif"
            tiff.write_bytes(letters.stamped(content, MORNING).tiff())
            made += calls(OURS, resolution, tiff)
            if not libreoffice.missing():
                source = folder / f"{resolution}.fodt"
                source.write_text(libreoffice.document(content), encoding="utf-8")
                (pdf,) = libreoffice.pdfs([source])
                made += calls(PEER, resolution, libreoffice.fax(pdf, resolution))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    made = measure()
    if arguments.json:
        print(json.dumps([asdict(call) for call in made]))
        return
    if libreoffice.missing():
        print(f"not beside LibreOffice + Ghostscript: {libreoffice.missing()}")
    peers = {(call.resolution, call.rate): call for call in made if call.maker == PEER}
    print(f"{'':26}  {'resolution':10}   bit/s  pages   bytes  seconds  ratio")
    for call in made:
        peer = peers.get((call.resolution, call.rate))
        ratio = f"{call.seconds / peer.seconds:5.2f}" if peer else ""
        print(
            f"{call.maker:26}  {call.resolution:10}  {call.rate:6,}  {call.pages:5}"
            f"  {call.bytes:6,}  {call.seconds:7.1f}  {ratio}"
        )


if __name__ == "__main__":
    main()
