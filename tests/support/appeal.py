"""The sample campaign's letter in all its forms, and e-mails and images to test with."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from faxappeal.campaign import loading
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import content as contents
from faxappeal.documents import email_message, page
from faxappeal.documents.content import Content
from faxappeal.documents.fax import raster
from tests.support.campaigns import ROOT, write
from tests.support.clock import MORNING
from tests.support.renderer import InProcess

HEADER = raster.header(MORNING, "Example Human Rights Group", "+49 30 23125 012")


def loaded(folder: Path) -> LoadedCampaign:
    """The campaign of a folder, which has no errors."""
    campaign = loading.ready(loading.read(folder, InProcess()))
    assert campaign is not None
    return campaign


@cache
def appeal() -> LoadedCampaign:
    """The sample campaign, the appeal of 2003."""
    return loaded(ROOT)


def content_for(campaign: LoadedCampaign, id: str) -> Content:
    """The content of one recipient's letter."""
    recipient = campaign.recipients.get(id)
    assert recipient is not None
    return contents.build(campaign, recipient, date(2003, 2, 14))


@cache
def sample_fax() -> raster.Fax:
    """The fax of the sample, with its header line."""
    pdf = page.pdf(content_for(appeal(), "state-council"), "a4")
    return raster.stamp(raster.render(pdf, "a4", "fine"), MORNING, HEADER)


def fingerprint() -> str:
    """A hash over every form of the sample letter."""
    letter = content_for(appeal(), "embassy-berlin")
    pdf = page.pdf(letter, "a4")
    fax = raster.stamp(raster.render(pdf, "a4", "fine"), MORNING, HEADER)
    forms = (pdf, fax.tiff(), fax.pdf(), build_message(letter, pdf))
    return hashlib.sha256(b"".join(forms)).hexdigest()


def build_message(
    letter: Content, pdf: bytes = b"%PDF-", pdf_name: str = "letter.pdf", **values: Any
) -> bytes:
    arguments: dict[str, Any] = {
        "sender": Address("Erika Müller, Göttingen", addr_spec="appeals@example.org"),
        "reply_to": "erika@example.org",
        "recipient": Address("Kanzlei", addr_spec="embassy@example.org"),
        "message_id": "<fa.0123@example.org>",
        "job": "abc",
        "moment": MORNING,
    }
    headed = email_message.headed(letter, **(arguments | values))
    return email_message.build(headed, letter, pdf=pdf, pdf_name=pdf_name)


def parsed(raw: bytes) -> EmailMessage:
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def png(width: int, height: int) -> bytes:
    """A white image; of few bytes, whatever its size."""
    out = io.BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


def ink(image: Image.Image) -> int:
    return image.convert("L").histogram()[0]


RICH = """---
subject: What we saw
---
{{ to.salutation }},

| day | place | held |
|:--|:-:|--:|
| Monday | Tumen | 40 |
| Tuesday | a long name that has to be broken over several lines somewhere | 5 |

![A photograph of a road](road.jpg "60 mm")

- one

  ![A signature](files/name.png)
"""


def rich(folder: Path) -> Content:
    """A letter with a table, a photograph of two greys and a signature."""
    (folder / "files").mkdir()
    road = Image.linear_gradient("L").resize((600, 400)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Camera of an activist"
    road.save(folder / "road.jpg", exif=exif)
    name = Image.new("RGBA", (400, 100), (0, 0, 0, 0))
    name.paste((0, 0, 0, 255), (20, 40, 380, 50))
    name.save(folder / "files" / "name.png", dpi=(200, 200))
    return content_for(loaded(write(folder, letter=RICH)), "one")


def rich_again(folder: Path) -> Content:
    """The letter of `rich` after a change in its folder."""
    return content_for(loaded(folder), "one")
