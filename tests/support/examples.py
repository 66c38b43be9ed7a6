"""How many invented inputs a test tries: few in a quick run, all of them in a thorough one."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("THOROUGH"))  # `make test-all` sets it
_QUICK = 20  # times fewer


def examples(thorough: int) -> int:
    """The number for this run; EXAMPLES in the environment is for a long look."""
    if wanted := os.environ.get("EXAMPLES"):
        return int(wanted)
    return thorough if THOROUGH else max(20, thorough // _QUICK)
