"""Where temporary folders are fastest: in memory, where the system has a folder for that."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # Linux
_ENOUGH = 2 << 30  # bytes; the whole suite takes less than one


_root = Path(tempfile.gettempdir())


def root() -> Path:
    """The folder for temporary folders that outlive a test."""
    return _root


def use() -> None:
    """From now on temporary folders are made in memory, here and in what this process starts.

    TMPDIR, where somebody has set it, stays. A folder from which nothing can be run will not do:
    servers have scripts in theirs.
    """
    global _root
    if "TMPDIR" in os.environ or not os.access(_SHARED_MEMORY, os.W_OK):
        return
    can_run = not os.statvfs(_SHARED_MEMORY).f_flag & os.ST_NOEXEC
    if can_run and shutil.disk_usage(_SHARED_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = str(_SHARED_MEMORY)
        tempfile.tempdir = str(_SHARED_MEMORY)
        _root = _SHARED_MEMORY
