"""The seconds that a module counts by (`time.monotonic`), in a test's hand."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import pytest


class Uptime:
    """Passes only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def passes(self, seconds: float) -> None:
        self.seconds += seconds


def uptime_of(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Uptime:
    """What the module takes for the time since the machine was started."""
    uptime = Uptime()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=uptime.monotonic))
    return uptime
