"""Make the pictures of README and docs from the program itself: `make pictures`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from PIL.Image import Image

    from faxappeal.campaign.loading import LoadedCampaign

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
LANGUAGES = ("de", "ru", "ar", "he", "zh")
SHEETS: tuple[tuple[Literal["a4", "letter"], Literal["fine", "standard"]], ...] = (
    ("a4", "fine"),
    ("a4", "standard"),
    ("letter", "fine"),
    ("letter", "standard"),
)


def sample() -> LoadedCampaign:
    """The campaign at the project's root."""
    from faxappeal.campaign import loading

    ready = loading.ready(loading.read(ROOT))
    assert ready is not None
    return ready


def on(
    ready: LoadedCampaign, paper: Literal["a4", "letter"], resolution: Literal["fine", "standard"]
) -> LoadedCampaign:
    """The campaign on other paper, or in another resolution."""
    fax = ready.settings.fax.model_copy(update={"paper": paper, "resolution": resolution})
    return replace(ready, settings=ready.settings.model_copy(update={"fax": fax}))


def translated(ready: LoadedCampaign, language: str) -> LoadedCampaign:
    """The campaign with a short letter in another language."""
    from faxappeal.campaign import letter

    text = (HERE / "letters" / f"{language}.j2").read_text(encoding="utf-8")
    source, findings = letter.read(text)
    assert source is not None, findings
    return replace(ready, letter=source)


def pages() -> Iterator[tuple[str, LoadedCampaign]]:
    """The name of each picture, and the campaign whose first fax page it shows."""
    ready = sample()
    for paper, resolution in SHEETS:
        yield f"{paper}-{resolution}", on(ready, paper, resolution)
    for language in LANGUAGES:
        for resolution in ("fine", "standard"):
            yield f"{language}-{resolution}", on(translated(ready, language), "a4", resolution)


def first_page(ready: LoadedCampaign) -> Image:
    """The first page of a campaign's first fax, as the far end prints it."""
    from faxappeal.campaign.delivery import keyed
    from faxappeal.documents.renderer import Letters

    assert ready.settings.campaign.date is not None
    letters = Letters(ready, ready.settings.campaign.date, keyed(bytes(32)))
    recipient = ready.recipients.recipients[0]
    return letters.stamped(letters.content(recipient), MOMENT).pages[0]


def draw(name: str, ready: LoadedCampaign, folder: Path) -> Path:
    """A page at half its width, and as high as it is on paper."""
    from PIL import Image

    image = first_page(ready).convert("L")
    high = image.height * (1 if ready.settings.fax.resolution == "fine" else 2)
    size = (864, round(high * 204 / 196 / 2))
    picture = image.resize(size, Image.Resampling.LANCZOS).quantize(8)
    path = folder / f"{name}.png"
    picture.save(path, optimize=True)
    return path


if __name__ == "__main__":
    for name, ready in pages():
        print(draw(name, ready, Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
