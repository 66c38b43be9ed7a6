"""The file `.env`: settings and secrets of this machine, which may be other programs' as well."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import SetupError
from ..core.finding import FindingList, Location
from ..core.text import did_you_mean, guess_hint, show
from .fields import PREFIX, env_var_name

FILE = ".env"
# it prints what it cannot read; that is a finding of ours
logging.getLogger("dotenv.main").setLevel(logging.ERROR)


def text_of(path: Path) -> str:
    """The file's text; SetupError where it cannot be read, or others can."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SetupError(".env can be read by other users of this machine", "chmod 600 .env")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        hint = "it must be a file of yours"
        raise SetupError(f".env cannot be read: {error.strerror}", hint) from error


def problems(text: str, keys: Sequence[tuple[str, ...]]) -> FindingList:
    """Lines that say nothing, and names that are nearly those of our settings (`keys`)."""
    from dotenv.parser import parse_stream

    findings = FindingList(FILE)
    tables = {key[0] for key in keys}
    known = {re.sub("_+", "_", env_var_name(key)): env_var_name(key) for key in keys}
    for binding in parse_stream(io.StringIO(text)):
        place = Location(binding.original.line)
        if binding.error:
            hint = 'write NAME=value, as in FAXAPPEAL_…="…"'
            findings.error(place, "env-syntax", "this line sets nothing", hint)
        elif (name := (binding.key or "").upper()) and name not in known.values():
            is_ours = name.startswith(PREFIX)
            near = did_you_mean(name.partition("_")[0], [PREFIX.rstrip("_")])
            if not (is_ours or near):
                continue
            if is_ours and name.removeprefix(PREFIX).partition("__")[0].lower() in tables:
                continue  # its table is known: whatever is wrong is told with the table's keys
            nearest = known.get(re.sub("_+", "_", name), name)
            hint = guess_hint(nearest, [*known.values()], "tables and keys are joined by __")
            findings.error(place, "unknown-key", f"unknown name {show(name)}", hint)
    return findings


def place(text: str, key: tuple[str, ...]) -> Location | None:
    """Where a key is set, if it is."""
    for number, line in enumerate(text.splitlines(), 1):
        name = re.match(r"\s*(?:export\s+)?(\w+)\s*=", line)
        if name and name[1].upper() == env_var_name(key):
            return Location(number, name.start(1) + 1)
    return None
