"""The program on a terminal, with somebody who answers its question."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path


def answered(folder: Path, question: bytes, answer: bytes) -> tuple[int, str]:
    """`faxappeal send`, answered when it has asked; its exit code, and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "faxappeal", "-C", folder, "send"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while question not in shown:
        shown += os.read(ours, 4096)
    os.write(ours, answer + b"\n")
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(20), shown.decode()
