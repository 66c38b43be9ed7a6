"""Notifications that real servers wrote: Postfix 3.7 (dsn1-7) and Exim 4.96 (exim1-5)."""

from __future__ import annotations

from tests.support.campaigns import ROOT

_FOLDER = ROOT / "tests" / "unit" / "providers" / "notifications"
SAMPLES = {path.stem: path.read_bytes() for path in sorted(_FOLDER.glob("*.eml"))}
BOUNCE = SAMPLES["dsn5"].replace(b"\r\n", b"\n")
DELIVERED = SAMPLES["dsn1"].replace(b"\r\n", b"\n")
