"""Where tests lie: a unit test in the folder that mirrors the one of its module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campaigns import ROOT

SOURCES = ROOT / "src" / "faxappeal"
UNIT = ROOT / "tests" / "unit"
MAX_LINES = 40  # a module up to these may be tried with the one that needs it


def modules() -> Iterator[Path]:
    for path in sorted(SOURCES.rglob("*.py")):
        if len(path.read_text("utf-8").splitlines()) > MAX_LINES:
            yield path.relative_to(SOURCES)


def places(module: Path) -> tuple[Path, ...]:
    """Where the tests of a module may be: those of a package are within it or beside it."""
    folder = UNIT / module.parent
    if module.stem != "__init__":
        return (folder / f"test_{module.name}",)
    name = f"test_{module.parent.name}.py"
    return (folder / name, folder.parent / name)


@pytest.mark.parametrize("module", list(modules()), ids=str)
def test_a_module_has_a_file_of_unit_tests(module: Path) -> None:
    assert any(path.is_file() for path in places(module)), places(module)
