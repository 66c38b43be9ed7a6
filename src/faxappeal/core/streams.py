"""Standard output: what is still to be written, and where it cannot be."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def flush_output() -> None:
    """Write what is still to be written. OSError where that fails, and the rest is dropped: Python
    would try again when it ends, and exit with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stdout.fileno())
            os.close(null)
        raise
