"""Make the pictures of the terminal from the program itself: `make pictures`."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from zoneinfo import ZoneInfo

from rich.console import Console as RichConsole

from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.commands.environment import Environment
from faxappeal.core.result import Result
from faxappeal.output.console import Console
from faxappeal.output.results import show

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


class Clock:
    """It is always that Tuesday morning."""

    def now(self) -> datetime:
        return MOMENT

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a picture waits for nothing")


class Screen(Console):
    """A terminal of 80 columns that remembers what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self._screen = RichConsole(
            record=True, width=80, no_color=False,
            file=StringIO(), force_terminal=True, color_system="truecolor",
            markup=False, emoji=False, highlight=False, soft_wrap=False,
        )  # fmt: skip

    def _is_plain(self, file: IO[str]) -> bool:
        return False

    def rich(self, error: bool) -> RichConsole:
        return self._screen

    def svg(self, title: str) -> str:
        """What was shown, as a picture that loads nothing: no font from elsewhere."""
        drawn = self._screen.export_svg(title=title)
        drawn = re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.S)
        drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.S)
        return re.sub(r"[ \t]+$", "", drawn, flags=re.M)


def screens() -> Iterator[tuple[str, str]]:
    """The name of each picture, and what is in it."""
    with TemporaryDirectory() as folder:
        campaign = Path(folder)
        for name in ("recipients.yaml", "letter.j2", "faxappeal.toml"):
            shutil.copy(ROOT / name, campaign / name)
        yield "plan", _drawn(_plan(campaign), "faxappeal send --dry-run")
        path = campaign / "recipients.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace('"+86 10 6520 6722"', '"+86 10 6520 672"', 1).replace(
                "salutation:", "salutatoin:", 1
            ),
            encoding="utf-8",
        )
        yield "check", _drawn(_check(campaign), "faxappeal check")


def _environment(folder: Path) -> Environment:
    return Environment(folder, Clock(), TemplateProcess())


def _plan(folder: Path) -> Result:
    from faxappeal.commands.dry_run import write_dry_run
    from faxappeal.commands.selection import Choice
    from faxappeal.commands.send_plan import prepare

    with prepare(_environment(folder), Choice(), dry_run=True) as plan:
        return write_dry_run(plan)


def _check(folder: Path) -> Result:
    from dataclasses import replace

    from faxappeal.commands.check import check

    result = check(_environment(folder))
    data = result.data
    findings = tuple(replace(each, path=Path(each.path).name) for each in data.findings)
    texts = {Path(path).name: text for path, text in data.texts.items()}
    return replace(result, data=replace(data, findings=findings, texts=texts))


def _drawn(result: Result, title: str) -> str:
    screen = Screen()
    show(screen, result)
    return screen.svg(title)


if __name__ == "__main__":
    for name, drawn in screens():
        path = (Path(sys.argv[1]) if len(sys.argv) > 1 else HERE) / f"{name}.svg"
        path.write_text(drawn, encoding="utf-8")
        print(path)
