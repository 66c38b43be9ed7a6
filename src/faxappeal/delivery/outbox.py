"""The outbox: what a dry run would have submitted, as files in the campaign's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core import files
from ..core.errors import SetupError
from ..providers.base import Job


@dataclass(frozen=True)
class Outbox:
    """A folder in which each delivery has its own files; an older dry run's are replaced."""

    folder: Path

    def put(self, name: str, job: Job, kind: str) -> list[Path]:
        """A fax's `.tif` and `.pdf`, or an e-mail's `.eml`: byte for byte what would be submitted
        at this time."""
        parts = {".tif": job.document, ".pdf": job.pdf}
        if kind == "email":
            parts = {".eml": job.document}
        if files.has_link(self.folder.parent, self.folder):
            raise SetupError(
                f"{self.folder.name} is a link, and nothing is written through a link",
                f"remove the link {self.folder.name}: a dry run makes a folder of its own",
            )
        self.folder.mkdir(mode=0o700, exist_ok=True)
        contents = {self.folder / f"{name}{suffix}": data for suffix, data in parts.items()}
        for path, data in contents.items():
            files.replace(path, data)
        return list(contents)
