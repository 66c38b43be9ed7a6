"""The seconds of a fax on the line, beside real T.30 calls."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents.fax import raster
from tests.support import servers
from tests.support.appeal import appeal as sample_appeal
from tests.support.appeal import (
    sample_fax,
)
from tests.support.servers import line


@pytest.fixture
def appeal() -> LoadedCampaign:
    return sample_appeal()


@pytest.fixture
def sheet() -> raster.Fax:
    return sample_fax()


@pytest.mark.hylafax
@pytest.mark.parametrize("rate", [14_400, 9_600])
@pytest.mark.parametrize("kind", ["letter", "white", "three", "noise"])
def test_the_seconds_are_those_of_a_real_call(
    sheet: raster.Fax, tmp_path: Path, kind: str, rate: int
) -> None:
    """Within 3 % of T.30 calls between two spandsp machines, V.17 and V.29."""
    white = Image.new("1", (1728, 2292), 255)
    noise = white.copy()
    noise.paste(Image.frombytes("1", (1728, 600), random.Random(7).randbytes(216 * 600)), (0, 99))
    pages = {"letter": sheet.pages, "white": (white,), "three": sheet.pages * 3, "noise": (noise,)}
    tested = raster.Fax(pages[kind], "fine")
    (tmp_path / "sent.tif").write_bytes(tested.tiff())
    modems = line.V17 | line.V29 | line.V27 if rate == 14_400 else line.V29 | line.V27
    with servers.needed("spandsp"):
        call = line.line_time(tmp_path / "sent.tif", tmp_path / "received.tif", modems=modems)
    assert (call.bit_rate, call.result, call.code) == (rate, "OK", "MMR")
    assert tested.seconds(rate) == pytest.approx(call.seconds, rel=0.03)
