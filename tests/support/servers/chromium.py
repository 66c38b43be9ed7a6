"""A real browser, headless: Debian's Chromium, with what of its libraries is not here, unpacked.

with Chromium() as browser:
    page = browser.new_page()
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.servers.debian import ROOT, ServerMissing, apt, unpack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

PROGRAM = ROOT / "usr/lib/chromium/chromium"
# it asks its makers' hosts for news at each start; no test reaches anything but this machine
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


def fetch() -> None:
    """Unpack Chromium and what it needs. ServerMissing where it cannot be had."""
    if PROGRAM.exists():
        return
    told = apt("-s", "install", "--no-install-recommends", "chromium")
    # those that are here in another version stay as they are: "Inst perl [5.36.0] (…)"
    unpack(*re.findall(r"^Inst (\S+) \(", told, re.M))
    if not PROGRAM.exists():
        raise ServerMissing("chromium: it is not where Debian's package has it")


class Chromium:
    """The browser, until the block ends."""

    def __enter__(self) -> Browser:
        from playwright.sync_api import sync_playwright

        fetch()
        libraries = {str(path.parent) for path in ROOT.rglob("*.so*")}
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(libraries))}
        if not Path("/etc/fonts/fonts.conf").exists():
            environment["FONTCONFIG_PATH"] = str(ROOT / "etc/fonts")
        self._playwright: Playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=PROGRAM,
            env=environment,  # type: ignore[arg-type]
            args=[*_ARGUMENTS, *(["--no-sandbox"] if os.getuid() == 0 else [])],
        )
        return self._browser

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()
