"""Files that a command writes for the user: never over one that is there, unless so asked."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import UsageError

_HINT = "make room, or name another place"


def write_new(path: Path, data: bytes, *, over: bool = False, makes_folder: bool = True) -> None:
    """A file that was not there, or may be written `over`, readable by its owner alone; where the
    disk is full, no half of it stays. Its folder is made, if `makes_folder`. UsageError tells why
    not."""
    if above := next((each for each in path.parents if each.is_file()), None):
        raise UsageError(f"{above} is a file, not a folder", "name another place")
    if not makes_folder and not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "make it first, or name another")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if over:
            path.unlink(missing_ok=True)
        with open(path, "xb", opener=_private) as file:
            try:
                file.write(data)
                file.flush()
            except OSError:
                path.unlink()
                raise
    except FileExistsError as error:
        hint = "name another place, or write over it: --force"
        raise UsageError(f"{path} is there already", hint) from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", _HINT) from error


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
