"""`faxappeal preview`: the page as the far end will print it, the PDF, the e-mail."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..campaign.contact import Channel
from ..campaign.delivery import Delivery
from ..core.errors import UsageError
from ..core.files import write_new
from ..core.json import Internal, key
from ..core.result import Result
from ..delivery.context import CampaignContext
from ..documents.fax.raster import Fax
from ..documents.page import page_count
from ..documents.plaintext import as_text
from ..documents.renderer import Letters
from .environment import Environment


@dataclass(frozen=True, kw_only=True)
class PreviewItem:
    """One delivery's document."""

    recipient: str
    channel: Channel
    text: Internal[str]
    pages: int
    bytes: int = 0
    seconds: float | None = None  # on the line at 14,400 bit/s, for a fax
    slow_seconds: float | None = None  # at 9,600 bit/s
    used: float | None = None  # of the last page's height, from 0 to 1
    content_sha256: str
    pdf_sha256: str
    raster_sha256: str | None = None
    files: tuple[str, ...] = ()

    seconds_measured = key(lambda _: False, bool)  # they are from the formula of `Fax.seconds`


@dataclass(frozen=True)
class PreviewResult:
    """What was looked at."""

    sheets: tuple[PreviewItem, ...]


def preview(
    environment: Environment,
    *,
    only: Sequence[str],
    channel: Channel | None,
    out: Path | None,
    overwrite: bool,
) -> Result:
    """Make the documents and, with `out`, write them there. Needs no account and no ledger."""
    moment = environment.clock.now()
    context = CampaignContext(environment.read(), None, moment)
    letters = context.letters()
    found = context.deliveries(only, channel, one_sender=True)
    if not found:
        whom = ", ".join(only) or "nobody"
        raise UsageError(f"{whom} has no {channel}", "leave out --channel, or look into the list")
    sheets = []
    for delivery in found:
        item, files = _render(letters, delivery, moment, pictures=out is not None)
        if out:
            for name, data in files.items():
                write_new(out / name, data, overwrite=overwrite)
            item = replace(item, files=tuple(str(out / name) for name in files))
        sheets.append(item)
    return Result("preview", PreviewResult(tuple(sheets)))


def _render(
    letters: Letters, delivery: Delivery, moment: datetime, *, pictures: bool
) -> tuple[PreviewItem, dict[str, bytes]]:
    """A delivery's document, and the files that show it; with `pictures`, also of each page."""
    name = f"{delivery.recipient.id}-{delivery.channel}"
    content = letters.content(delivery.recipient, delivery.signatory)
    pdf = letters.pdf(content)
    item = PreviewItem(
        recipient=delivery.recipient.id,
        channel=delivery.channel,
        text=as_text(content),
        pages=page_count(pdf),
        content_sha256=content.sha256,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
    )
    if delivery.channel == "email":
        message = letters.message(delivery, content, moment)
        files = {f"{name}.eml": message, f"{name}.pdf": pdf}
        return replace(item, bytes=len(message)), files
    stamped = letters.stamped(content, moment)
    files = {f"{name}.tif": stamped.tiff()}
    for number, image in enumerate(stamped.pages if pictures else (), 1):
        png = io.BytesIO()
        image.save(png, "PNG", dpi=stamped.dpi)
        files[f"{name}-{number}.png"] = png.getvalue()
    item = replace(
        item,
        bytes=len(files[f"{name}.tif"]),
        seconds=round(stamped.seconds(), 1),
        slow_seconds=round(stamped.seconds(9_600), 1),
        used=round(_used(letters.fax(content)), 2),
        raster_sha256=letters.fax(content).sha256,
    )
    return item, files | {f"{name}.pdf": pdf}


def _used(fax: Fax) -> float:
    """How far down the last page is printed, without the page's number at its foot."""
    from PIL import ImageChops

    last = fax.pages[-1]
    foot = last.height * 94 // 100
    box = ImageChops.invert(last.crop((0, 0, last.width, foot))).getbbox()
    return box[3] / foot if box else 0.0
