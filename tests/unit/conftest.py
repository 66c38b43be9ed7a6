"""A unit test is alone: no connection, no process, no server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import boundaries


@pytest.fixture(autouse=True)
def _alone(_boundaries: None) -> Iterator[None]:
    with boundaries.without(boundaries.CONNECTIONS | boundaries.PROCESSES):
        yield
