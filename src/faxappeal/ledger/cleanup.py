"""Close what was opened, if the rest fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_failure(clean_up: Callable[[], None]) -> Iterator[None]:
    """Clean up if the block fails."""
    try:
        yield
    except BaseException:
        clean_up()
        raise
