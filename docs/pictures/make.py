"""Make the pictures of README and docs from the program itself: `make pictures`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def page(folder: Path) -> Path:
    """The sample's fax page as the far end prints it, at a third of its size."""
    from PIL import Image

    from faxappeal import campaign
    from faxappeal.documents.letters import Letters
    from faxappeal.plan import keyed

    ready = campaign.ready(campaign.read(ROOT))
    assert ready is not None and ready.settings.campaign.date is not None
    letters = Letters(ready, ready.settings.campaign.date, keyed(bytes(32)))
    recipient = ready.recipients.recipients[0]
    [image] = letters.stamped(letters.content(recipient), MOMENT).pages
    picture = image.convert("L").resize((864, 1193), Image.Resampling.LANCZOS)
    picture = picture.quantize(16)
    path = folder / "page.png"
    picture.save(path, optimize=True)
    return path


if __name__ == "__main__":
    print(page(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
