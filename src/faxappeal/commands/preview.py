"""`faxappeal preview`: the page as the far end will print it, the PDF, the e-mail."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..clock import Clock
from ..documents.plaintext import as_text
from ..errors import UsageError
from ..recipients import Channel
from ..result import Result
from .office import Office, read


@dataclass(frozen=True)
class Sheet:
    """One delivery's document."""

    recipient: str
    channel: Channel
    text: str
    pages: int
    bytes: int
    seconds: float | None  # on the line, for a fax
    sha256: str
    files: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "recipient": self.recipient,
            "channel": self.channel,
            "pages": self.pages,
            "bytes": self.bytes,
            "seconds": self.seconds,
            "content_sha256": self.sha256,
            "files": list(self.files),
        }


@dataclass(frozen=True)
class Previewed:
    """What was looked at."""

    sheets: tuple[Sheet, ...]

    def as_data(self) -> dict[str, Any]:
        return {"sheets": [sheet.as_data() for sheet in self.sheets]}


def preview(
    folder: Path,
    clock: Clock,
    *,
    only: Sequence[str] = (),
    channel: Channel | None = None,
    out: Path | None = None,
) -> Result:
    """Make the documents and, with `out`, write them there. Needs no account and no ledger."""
    moment = clock.now()
    office = Office(read(folder, moment.date()), None, moment)
    letters = office.letters()
    sheets = []
    for delivery in office.deliveries(only, channel):
        name = f"{delivery.recipient.id}-{delivery.channel}"
        content = letters.content(delivery.recipient)
        job = letters.job(delivery, "preview", moment)
        pages = letters.fax(content)
        stamped = letters.stamped(content, moment)
        files: dict[str, bytes] = {}
        if delivery.channel == "fax":
            files[f"{name}.tif"] = job.document
            for number, image in enumerate(stamped.pages, 1):
                png = io.BytesIO()
                image.save(png, "PNG")
                files[f"{name}-{number}.png"] = png.getvalue()
        else:
            files[f"{name}.eml"] = job.document
        files[f"{name}.pdf"] = letters.pdf(content)
        sheets.append(
            Sheet(
                delivery.recipient.id,
                delivery.channel,
                as_text(content),
                len(pages.pages),
                len(job.document),
                stamped.seconds() if delivery.channel == "fax" else None,
                content.sha256,
                tuple(str(path) for path in _write(out, files)) if out else (),
            )
        )
    return Result("preview", Previewed(tuple(sheets)))


def _write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write files that are not there yet; UsageError names the one that is."""
    paths = [folder / name for name in files]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, files.values(), strict=True):
            with path.open("xb") as file:
                file.write(data)
    except FileExistsError as error:
        raise UsageError(
            f"{error.filename} is there already", "name another folder, or remove it first"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", "name a folder") from error
    return paths
