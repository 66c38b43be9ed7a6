"""A file that never ends is not read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_files import folder, link_and_name  # noqa: F401 - a fixture


@pytest.mark.parametrize("kind", ["fifo", "folder", "device"])
def test_an_attachment_is_a_regular_file(folder: Path, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(folder / "facts.pdf")
    elif kind == "folder":
        (folder / "facts.pdf").mkdir()
    else:
        (folder / "facts.pdf").symlink_to("/dev/zero")
    link_and_name(folder, "facts.pdf")
    # a process of its own, with an end: a FIFO would be waited for without one
    words = [sys.executable, "-m", "faxappeal", "-C", str(folder), "check"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1 and "facts.pdf: " in ended.stdout
