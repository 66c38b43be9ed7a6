"""The documents that were sent, beside the ledger, each named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


class Archive:
    """A folder of evidence, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, document: bytes) -> str:
        """Keep a document; its SHA-256. It is on disk when this returns."""
        digest = hashlib.sha256(document).hexdigest()
        path = self.folder / digest
        if path.exists():
            return digest
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return digest

    def get(self, digest: str) -> bytes | None:
        """A document as it was sent, or nothing where it was purged."""
        path = self.folder / digest
        document = path.read_bytes() if path.exists() else None
        if document is not None and hashlib.sha256(document).hexdigest() != digest:
            return None
        return document
