"""Python runs this first in each process that a test starts: what a test may not do, it may not."""

import importlib.util
import os
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location(
    "boundaries", Path(__file__).parents[1] / "boundaries.py"
)
assert _spec and _spec.loader
boundaries = importlib.util.module_from_spec(_spec)
sys.modules["boundaries"] = boundaries
_spec.loader.exec_module(boundaries)
boundaries.loopback_only()
if folders := os.environ.get(boundaries.FOLDERS):
    boundaries.may_write(*folders.split(os.pathsep))
    boundaries.writes_watched().__enter__()
