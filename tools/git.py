"""Ask git about a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path


def output(folder: Path, *arguments: str) -> str | None:
    """What git prints; None if git fails, is not installed, or does not manage the folder."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace")
