"""Reading and writing files where somebody else may have laid links: a folder that was cloned.

A file is written under a new name and then renamed, so that no link is followed and a full disk
leaves no half of it. A file is read only if it is a regular one.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

from .errors import UsageError

_HINT = "make room, or name another place"
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has none; `has_link` looks before
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a FIFO would wait for a writer


class NotPlain(OSError):
    """A link, a folder or a device where a regular file belongs."""


def has_link(root: Path, path: Path) -> bool:
    """Whether `path`, below `root`, is a symbolic link (or a junction) or lies behind one."""
    return path.resolve() != root.resolve() / path.absolute().relative_to(root.absolute())


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file whole or not at all, in place of what has its name; it is on disk when this
    returns. OSError if it cannot be written. A link by that name is replaced, not followed."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _sync(file.fileno())
        if mode != 0o600:
            part.chmod(mode)
        part.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _sync(descriptor: int) -> None:
    """Let it be on the disk itself: by `fsync` macOS leaves it in the memory of the disk."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # a file system that cannot do that
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk when its folder is. Windows opens no folders, and needs not."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(path: Path, at_most: int) -> bytes:
    """The bytes of a regular file, one more than `at_most` if it is larger. NotPlain for a link, a
    folder, a FIFO or a device; OSError if it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if path.is_symlink():
            raise NotPlain("a link") from error
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotPlain("not a regular file")
        return file.read(at_most + 1)


def write_new(
    path: Path, data: bytes, *, overwrite: bool = False, makes_folder: bool = True
) -> None:
    """Write a file that only its owner can read. A full disk leaves no half of it. UsageError where
    the file exists, unless `overwrite` is set. `makes_folder` makes its folder where missing."""
    if above := next((each for each in path.parents if each.is_file()), None):
        raise UsageError(f"{above} is a file, not a folder", "name another place")
    if not makes_folder and not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "make it first, or name another")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if overwrite:
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
    return os.open(name, flags | _NOFOLLOW, 0o600)
