"""The files that a letter names: images and attachments, and which of them may go with it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ..core import files

OUTBOX = "outbox"
MAX_FILE = 20_000_000  # bytes; mail servers mostly refuse messages of more than 25 MB
_OWN = re.compile(
    r"recipients\.(yaml|schema\.json)|letter(\.[\w-]+)?\.j2|faxappeal\.toml|senders\.csv"
    r"|deliveries\.jsonl|\.env.*|\.git.*"
)


class FileProblem(ValueError):
    """A file that the letter names and that cannot go with it."""


class LetterFiles:
    """The files of a campaign's folder beside its own, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """A file's bytes; FileProblem says in words why not."""
        if name not in self._read:
            self._read[name] = self._bytes(name)
        return self._read[name]

    def _bytes(self, name: str) -> bytes:
        path = self._folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or not path.is_file():
            raise FileProblem("not a file in the campaign's folder")
        if files.has_link(self._folder, path):
            raise FileProblem("a link, not a file: copy the file itself into the folder")
        if self._is_own(name, path):
            raise FileProblem("the campaign's own file, which may hold names and secrets")
        try:
            data = files.read(path, MAX_FILE)
        except files.NotPlain:
            raise FileProblem("not a file in the campaign's folder") from None
        except OSError as error:
            raise FileProblem(f"cannot be read: {error.strerror}") from error
        if len(data) > MAX_FILE:
            raise FileProblem(f"larger than {MAX_FILE // 1_000_000} MB")
        return data

    def _is_own(self, name: str, path: Path) -> bool:
        """Whether a file is one of the campaign's own, by its name or as a hard link. macOS and
        Windows tell no letter case apart, and Windows drops dots and spaces at the end."""
        first, *below = (
            unicodedata.normalize("NFKC", part).casefold().rstrip(". ") for part in name.split("/")
        )
        if first == OUTBOX or (not below and _OWN.fullmatch(first)):
            return True
        own = [each for each in self._folder.iterdir() if _OWN.fullmatch(each.name.casefold())]
        return any(each.is_file() and each.samefile(path) for each in own)
