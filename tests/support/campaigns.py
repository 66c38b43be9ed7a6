"""Campaigns to test with, and the program run in this process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.cli.app import app
from faxappeal.cli.runtime import Runtime
from faxappeal.core.clock import Clock, SystemClock
from faxappeal.workers.timing import Timing

ROOT = Path(__file__).parents[2]
# what the program takes from outside; fixtures set them
clock: Clock = SystemClock()
template_process: type[TemplateProcess] = TemplateProcess
timing: Timing | None = None


# CliRunner builds all commands again for each run, which takes longer than many a command
setattr(typer.testing, "_get_command", cache(typer.main.get_command))  # noqa: B010 - not exported


@dataclass(frozen=True)
class Ended:
    """A run of the program."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def run(*words: str | Path, folder: Path | None = None, typed: str | None = None) -> Ended:
    """The program with these words on its command line; an exception is a test's failure."""
    arguments = [str(word) for word in words]
    if folder is not None:
        arguments = ["-C", str(folder), *arguments]
    before = Path.cwd()
    runtime = Runtime(clock, template_process, timing)
    try:
        result = CliRunner().invoke(
            app, arguments, input=typed, catch_exceptions=False, obj=runtime
        )
    finally:
        os.chdir(before)
    return Ended(result.exit_code, result.stdout, result.stderr)


RECIPIENT = """\
  - id: {id}
    name: Office {id}
    country: US
    timezone: America/New_York
    salutation: Dear Madam or Sir
    {contact}
    source: https://www.example.org/contact
    status: active
    last_verified: 2026-11-01
    verified_by: E. Mustermann
    method: website
"""


def write(
    folder: Path,
    recipients: str | list[str] | None = None,
    letter: str = "---\nsubject: Please answer\n---\n{{ to.salutation }},\n\nplease answer.\n",
    settings: str = "",
) -> Path:
    """A small campaign of reserved data; each recipient given as `id fax` or `id email`."""
    folder.mkdir(parents=True, exist_ok=True)
    if recipients is None:
        recipients = ["one +12025550101"]
    if isinstance(recipients, list):
        recipients = "recipients:\n" + "".join(_recipient(words) for words in recipients)
    (folder / "recipients.yaml").write_text(recipients, encoding="utf-8")
    (folder / "letter.j2").write_text(letter, encoding="utf-8")
    (folder / "faxappeal.toml").write_text(SETTINGS + settings, encoding="utf-8")
    return folder


def _recipient(words: str) -> str:
    id, contact = words.split()
    key = "email" if "@" in contact else "fax"
    text = RECIPIENT.format(id=id, contact=f'{key}: "{contact}"')
    zone = next((zone for code, zone in _ZONES.items() if contact.startswith(code)), None)
    return text.replace("America/New_York", zone) if zone else text


_ZONES = {"+49": "Europe/Berlin", "+33": "Europe/Paris", "+86": "Asia/Shanghai"}


SETTINGS = """\
[campaign]
id = "test"
date = 2026-11-24

[sender]
name = "Erika Mustermann"
phone = "+49 30 23125 012"
email = "appeals@example.org"
"""
