"""Files that a command writes for the user: never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import UsageError

_HINT = "make room, or name another place"


def write_new(path: Path, data: bytes, *, private: bool = True) -> None:
    """A file that was not there, readable by its owner alone if `private`; where the disk is full,
    no half of it stays. UsageError tells why not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb", opener=_private if private else None) as file:
            try:
                file.write(data)
                file.flush()
            except OSError:
                path.unlink()
                raise
    except FileExistsError as error:
        hint = "name another place, or remove it first"
        raise UsageError(f"{path} is there already", hint) from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", _HINT) from error


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
