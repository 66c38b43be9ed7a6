"""Real servers for the tests, on loopback, each in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import boundaries, memory
from tests.support.servers.debian import NeedsRoot, ServerMissing


@contextmanager
def needed(name: str) -> Iterator[None]:
    """Where the server cannot be had, the test is skipped and says why; in CI it fails."""
    try:
        yield
    except NeedsRoot as error:
        pytest.skip(f"{name}: {error}")
    except ServerMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name}: {error}")
        pytest.skip(f"{name}: {error}")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that a server's own user can enter, unlike pytest's, and that is gone afterwards."""
    made = memory.root() / f"faxappeal-{secrets.token_hex(4)}"
    boundaries.may_write(made)
    made.mkdir(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
