"""Standard output and error: what is still to be written, and where it cannot be."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO


def prepare() -> None:
    """Write each line at once, also into a pipe: a run may wait for hours. A character that a
    terminal cannot show is escaped. A stream that is closed (`>&-`) is the null device."""
    if sys.stdout is None:
        sys.stdout = _null()
    if sys.stderr is None:
        sys.stderr = _null()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)


def _null() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def flush(stream: TextIO) -> None:
    """Write what is still to be written. OSError where that fails, and the rest is dropped: Python
    would try again when it ends, and exit with 120."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
        raise
