"""Holds, with a ledger in PostgreSQL: the tests of tests/unit and tests/cli once more."""

from __future__ import annotations

import pytest

from tests.cli.test_holds import *  # noqa: F403
from tests.unit.ledger.test_holds import *  # noqa: F403

pytestmark = pytest.mark.usefixtures("shared_ledger")
