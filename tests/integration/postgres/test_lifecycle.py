"""Forbidden changes of a state, with a ledger in PostgreSQL: the tests of tests/unit once more."""

from __future__ import annotations

import pytest

from tests.unit.ledger.test_lifecycle import *  # noqa: F403

pytestmark = pytest.mark.usefixtures("shared_ledger")
