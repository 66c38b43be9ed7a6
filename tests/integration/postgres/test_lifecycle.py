"""Forbidden changes of a state, with a ledger in PostgreSQL: the tests of tests/cli once more."""

from __future__ import annotations

import pytest

from tests.cli.test_lifecycle import *  # noqa: F403

pytestmark = pytest.mark.usefixtures("shared_ledger")
