"""The pages of docs/pictures: what they show is what the program makes, and what a fax receives."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents.fax import raster
from faxappeal.providers.base import Accepted, Job
from faxappeal.providers.fax.hylafax import Hylafax as HylafaxAccount
from tests.packaging.test_docs import load
from tests.support import servers
from tests.support.campaigns import ROOT
from tests.support.renderer import InProcess
from tests.support.servers.hylafax import PASSWORD, USER, Hylafax
from tests.support.servers.pages import same

MAKE: ModuleType = load(ROOT / "docs/pictures/make.py")
PAGES: dict[str, LoadedCampaign] = {
    name: replace(campaign, templates=InProcess()) for name, campaign in MAKE.pages()
}


@pytest.mark.parametrize("name", PAGES)
def test_the_picture_is_the_page_of_today(name: str, tmp_path: Path) -> None:
    made = MAKE.draw(name, PAGES[name], tmp_path)
    with Image.open(made) as now, Image.open(ROOT / f"docs/pictures/{name}.png") as shown:
        assert now.size == shown.size
        assert not ImageChops.difference(now.convert("L"), shown.convert("L")).getbbox()


def test_each_page_has_its_picture_and_is_shown() -> None:
    shown = {path.stem for path in (ROOT / "docs/pictures").glob("*.png")}
    text = (ROOT / "docs/explanation/the-page.md").read_text(encoding="utf-8")
    assert shown == set(PAGES)
    assert all(f"pictures/{name}.png" in text for name in PAGES)


@pytest.mark.slow
@pytest.mark.hylafax
def test_each_page_arrives_as_it_was_sent(tmp_path: Path) -> None:
    """Sample and translations, on both papers, in both resolutions: one call for each grid."""
    grids: dict[tuple[str, str], list[Image.Image]] = {}
    for ready in PAGES.values():
        settings = ready.settings.fax
        grid = (settings.paper, settings.resolution)
        grids.setdefault(grid, []).append(MAKE.first_page(ready))
    assert sorted(len(pages) for pages in grids.values()) == [1, 1, 6, 6]

    with servers.needed("HylaFAX"), servers.folder() as folder, Hylafax(folder) as server:
        account = HylafaxAccount(server.host, server.port, USER, PASSWORD)
        for (paper, resolution), pages in grids.items():
            sheet = raster.Fax(tuple(pages), "fine" if resolution == "fine" else "standard")
            job = Job(
                f"fa-{paper}-{resolution}",
                "+12025550100",
                sheet.tiff(),
                fine=resolution == "fine",
                letter_paper=paper == "letter",
            )
            outcome = account.submit(job, lambda _=None: None)
            assert isinstance(outcome, Accepted)
            server.wait(str(outcome.report.account_reference).partition("/")[0])
            call = server.calls[-1]
            assert (call.result, call.pages) == ("OK", len(pages))
            assert call.tiff is not None
            sent = tmp_path / "sent.tif"
            sent.write_bytes(sheet.tiff())
            for difference in same(sent, call.tiff):
                assert difference.pixels == 0 and difference.rows <= 1


def test_the_pages_of_one_grid_are_one_file() -> None:
    pages = [MAKE.first_page(PAGES[f"{language}-fine"]) for language in ("ru", "ar")]
    with Image.open(io.BytesIO(raster.Fax(tuple(pages), "fine").tiff())) as tiff:
        assert tiff.n_frames == 2  # type: ignore[attr-defined]
