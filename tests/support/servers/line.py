"""faxappeal's own fax machines (spandsp), on the library that the tests unpack.

The library is loaded when the first machine is made; `ServerMissing` if it cannot be had.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import spandsp as _spandsp
from benchmarks.spandsp import (
    BLOCK,
    MH,
    RATE,
    V17,
    V27,
    V29,
    Audio,
    Log,
    Machine,
    Stats,
    log_to,
    silence,
)
from tests.support.servers.debian import ServerMissing, unpack

__all__ = [
    "BLOCK",
    "MH",
    "PACKAGES",
    "RATE",
    "V17",
    "V27",
    "V29",
    "Audio",
    "Fax",
    "Log",
    "Machine",
    "Stats",
    "line_time",
    "log_to",
    "silence",
    "spandsp",
]

# spandsp and what it needs beyond Debian's base system
PACKAGES = (
    "libspandsp2",
    "libtiff6",
    "libdeflate0",
    "libjbig0",
    "libjpeg62-turbo",
    "liblerc4",
    "libwebp7",
)
# the same as files, each after those that it needs itself
_LIBRARIES = (
    "libdeflate.so.0",
    "libjbig.so.0",
    "libjpeg.so.62",
    "libLerc.so.4",
    "libwebp.so.7",
    "libtiff.so.6",
    "libspandsp.so.2",
)


@cache
def spandsp() -> ctypes.CDLL:
    """The library, loaded from the unpacked packages."""
    root = unpack(*PACKAGES)
    folder = next(root.glob("usr/lib/*/libspandsp.so.2")).parent
    try:
        # Loaded by path one after the other, each finds the earlier ones by name. Not RTLD_GLOBAL:
        # Pillow would then call this libtiff and not the one that it brings along.
        for name in _LIBRARIES:
            library = ctypes.CDLL(str(folder / name))
    except OSError as error:
        raise ServerMissing(f"spandsp: {error}") from error
    _spandsp.use(library)
    return library


class Fax(_spandsp.Fax):
    """A fax machine on that library."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        spandsp()
        super().__init__(*arguments, **options)


def line_time(tiff: Path, out: Path, *, modems: int) -> _spandsp.Transmission:
    """A call in memory on that library."""
    spandsp()
    return _spandsp.line_time(tiff, out, modems=modems)
