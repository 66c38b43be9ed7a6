"""`faxappeal preview`: the page as the far end will print it, the PDF, the e-mail."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..campaign.delivery import Delivery
from ..campaign.recipients import Channel
from ..campaign.template_process import TemplateProcess
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import UsageError
from ..core.files import write_new
from ..core.json import Internal, key
from ..core.result import Result
from ..delivery.context import CampaignContext
from ..documents.fax.raster import Fax
from ..documents.page import page_count
from ..documents.plaintext import as_text
from ..documents.renderer import Letters


@dataclass(frozen=True)
class PreviewItem:
    """One delivery's document."""

    recipient: str
    channel: Channel
    text: Internal[str]
    pages: int
    bytes: int
    seconds: float | None  # on the line at 14,400 bit/s, for a fax
    slow_seconds: float | None  # at 9,600 bit/s
    used: float | None  # of the last page's height, from 0 to 1
    content_sha256: str
    pdf_sha256: str
    raster_sha256: str | None
    files: tuple[str, ...] = ()

    seconds_measured = key(lambda _: False, bool)  # they are from the formula of `Fax.seconds`


@dataclass(frozen=True)
class PreviewResult:
    """What was looked at."""

    sheets: tuple[PreviewItem, ...]


def preview(
    folder: Path,
    clock: Clock,
    templates: TemplateProcess,
    *,
    only: Sequence[str] = (),
    channel: Channel | None = None,
    out: Path | None = None,
    over: bool = False,
) -> Result:
    """Make the documents and, with `out`, write them there, `over` those of before if so asked.
    Needs no account and no ledger."""
    moment = clock.now()
    context = CampaignContext(read(folder, moment.date(), templates), None, moment)
    letters = context.letters()
    sheets = []
    found = context.deliveries(only, channel, one_sender=True)
    if not found:
        whom = ", ".join(only) or "nobody"
        raise UsageError(f"{whom} has no {channel}", "leave out --channel, or look into the list")
    for delivery in found:
        sheet, files = _sheet(letters, delivery, moment, writes=out is not None)
        written = tuple(str(path) for path in _write(out, files, over)) if out else ()
        sheets.append(replace(sheet, files=written))
    return Result("preview", PreviewResult(tuple(sheets)))


def _sheet(
    letters: Letters, delivery: Delivery, moment: datetime, *, writes: bool
) -> tuple[PreviewItem, dict[str, bytes]]:
    """A delivery's document, and the files that show it."""
    name = f"{delivery.recipient.id}-{delivery.channel}"
    content = letters.content(delivery.recipient, delivery.signatory)
    pdf = letters.pdf(content)
    stamped = letters.stamped(content, moment) if delivery.channel == "fax" else None
    document = stamped.tiff() if stamped else letters.message(delivery, content, moment)
    sheet = PreviewItem(
        delivery.recipient.id,
        delivery.channel,
        as_text(content),
        page_count(pdf),
        len(document),
        None,
        None,
        None,
        content.sha256,
        hashlib.sha256(pdf).hexdigest(),
        None,
    )
    if stamped is None:
        return sheet, {f"{name}.eml": document, f"{name}.pdf": pdf}
    files = {f"{name}.tif": document}
    for number, image in enumerate(stamped.pages if writes else (), 1):
        png = io.BytesIO()
        image.save(png, "PNG", dpi=stamped.dpi)
        files[f"{name}-{number}.png"] = png.getvalue()
    sheet = replace(
        sheet,
        seconds=round(stamped.seconds(), 1),
        slow_seconds=round(stamped.seconds(9_600), 1),
        used=round(_used(letters.fax(content)), 2),
        raster_sha256=letters.fax(content).sha256,
    )
    return sheet, files | {f"{name}.pdf": pdf}


def _used(fax: Fax) -> float:
    """How far down the last page is printed, without the page's number at its foot."""
    from PIL import ImageChops

    last = fax.pages[-1]
    foot = last.height * 94 // 100
    box = ImageChops.invert(last.crop((0, 0, last.width, foot))).getbbox()
    return box[3] / foot if box else 0.0


def _write(folder: Path, files: dict[str, bytes], over: bool) -> list[Path]:
    """Write files that are not there yet, or `over` them; UsageError names one that is."""
    paths = [folder / name for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        write_new(path, data, over=over)
    return paths
