"""The outbox: what a dry run would have handed over, as files in the campaign's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import Job


@dataclass(frozen=True)
class Outbox:
    """A folder in which each delivery has its own files; an older dry run's are replaced."""

    folder: Path

    def put(self, name: str, job: Job, kind: str) -> list[Path]:
        """A fax's `.tif` and `.pdf`, or an e-mail's `.eml`: byte for byte what would be handed
        over at this time."""
        parts = (
            [(".eml", job.document)]
            if kind == "email"
            else [(".tif", job.document), (".pdf", job.pdf)]
        )
        self.folder.mkdir(mode=0o700, exist_ok=True)
        written = []
        for suffix, data in parts:
            path = self.folder / f"{name}{suffix}"
            part = path.with_name(path.name + ".part")
            part.write_bytes(data)
            part.replace(path)  # a full disk leaves no half file under the real name
            written.append(path)
        return written
