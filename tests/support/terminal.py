"""The program on a terminal, with somebody who answers its questions."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path


class Terminal:
    """`faxappeal` with these arguments, on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "faxappeal", "-C", folder, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._shown = b""

    def until(self, words: bytes) -> None:
        """Wait until it shows these words."""
        seen = len(self._shown)
        while words not in self._shown[seen:]:
            self._shown += os.read(self._ours, 4096)

    def type(self, line: bytes) -> None:
        os.write(self._ours, line + b"\n")

    def end(self) -> tuple[int, str]:
        """Its exit code when it is over, and all that was shown."""
        try:
            while chunk := os.read(self._ours, 4096):
                self._shown += chunk
        except OSError:  # the other end is closed
            pass
        os.close(self._ours)
        return self.process.wait(20), self._shown.decode()


def send_and_answer(folder: Path, question: bytes, answer: bytes) -> tuple[int, str]:
    """`faxappeal send`, answered when it has asked; its exit code, and all that was shown."""
    terminal = Terminal(folder, "send")
    terminal.until(question)
    terminal.type(answer)
    return terminal.end()
