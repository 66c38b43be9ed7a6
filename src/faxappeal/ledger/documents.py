"""The documents that were sent, beside the ledger, each named by its SHA-256."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ..core import files
from ..core.errors import SetupError

# documents, and halves of them that a killed run left; a person may have named the folder
_OURS = re.compile(r"[0-9a-f]{64}(\.part)?|\.[0-9a-f]{64}\.[0-9a-f]{16}\.part")


class Documents:
    """A folder of evidence, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, document: bytes) -> str:
        """Keep a document; its SHA-256. It is on disk when this returns; SetupError if not."""
        digest = hashlib.sha256(document).hexdigest()
        path = self.folder / digest
        try:
            if not path.exists():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                files.replace(path, document)
        except OSError as error:
            raise SetupError(
                f"the documents' folder cannot be written: {error.strerror}",
                f"look at the disk and the permissions of {self.folder}",
            ) from error
        return digest

    def get(self, digest: str) -> bytes | None:
        """A document as it was sent, or nothing where it was purged."""
        path = self.folder / digest
        document = path.read_bytes() if path.exists() else None
        if document is not None and hashlib.sha256(document).hexdigest() != digest:
            return None
        return document

    def keep_only(self, digests: frozenset[str], spare: timedelta = timedelta(0)) -> int:
        """Delete all other documents; how many those were. SetupError if one cannot be.

        `spare` those that are not older: somebody who sends meanwhile has just put them there.
        """
        deleted = 0
        try:
            for path in self._documents():
                if path.name not in digests and not _is_fresh(path, spare):
                    path.unlink()
                    deleted += 1
        except OSError as error:
            raise SetupError(
                f"a document cannot be deleted: {error.strerror}",
                f"look at the permissions of {self.folder}, and purge again",
            ) from error
        return deleted

    def size(self) -> tuple[int, int]:
        """How many documents there are, and their bytes."""
        sizes = [path.stat().st_size for path in self._documents()]
        return len(sizes), sum(sizes)

    def _documents(self) -> Iterator[Path]:
        if self.folder.exists():
            yield from (path for path in self.folder.iterdir() if _OURS.fullmatch(path.name))


def _is_fresh(path: Path, spare: timedelta) -> bool:
    return bool(spare) and time.time() - path.stat().st_mtime < spare.total_seconds()
