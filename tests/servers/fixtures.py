"""The HylaFAX server of a test session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.servers.debian import ServerMissing
from tests.servers.hylafax import Hylafax


@pytest.fixture(scope="session")
def hylafax_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hylafax]:
    """A HylaFAX server with one modem; its test is skipped where there can be none, except in CI."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Hylafax(tmp_path_factory.mktemp("hylafax")))
        except ServerMissing as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"HylaFAX: {error}")
            pytest.skip(f"HylaFAX: {error}")
        yield server
