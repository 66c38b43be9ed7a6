"""`faxappeal check`: is the campaign fit to be sent?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from .. import campaign as campaigns
from .. import checks, letter, recipients, settings
from ..checks.formats import as_data
from ..clock import Clock
from ..errors import ExitCode
from ..finding import Finding, errors
from ..press import Press
from ..result import Result

_CAMPAIGN = (campaigns.RECIPIENTS, letter.FILE, settings.FILE)


@dataclass(frozen=True)
class Checked:
    """What was found."""

    findings: tuple[Finding, ...]
    recipients: int

    def as_data(self) -> dict[str, Any]:
        return {
            "findings": [as_data(finding) for finding in self.findings],
            "recipients": self.recipients,
        }


def check(
    folder: Path, clock: Clock, press: Press, *, files: Sequence[Path] = (), strict: bool = False
) -> Result:
    """Check the campaign in `folder`, or these `files`; warnings count only when `strict`.

    A file of a campaign is checked with the whole campaign; a list of recipients without a letter
    and settings beside it, by itself.
    """
    today = clock.now().date()
    found: list[Finding] = []
    count = 0
    for findings, people in _checked(folder, files, press, today):
        found += findings
        count += people
    bad: Sequence[Finding] = found if strict else errors(found)
    code = ExitCode.FINDINGS if bad else ExitCode.OK
    return Result("check", Checked(tuple(found), count), code)


def _checked(
    folder: Path, files: Sequence[Path], press: Press, today: date
) -> Iterator[tuple[list[Finding], int]]:
    """The findings of each campaign and each lone list, and how many recipients it has."""
    if not files:
        yield _campaign(folder, press, today)
        return
    seen = set()
    for file in files:
        is_part = file.name in _CAMPAIGN
        whole = is_part and all((file.parent / name).exists() for name in _CAMPAIGN)
        key = file.parent if whole else file
        if key in seen:
            continue
        seen.add(key)
        yield _campaign(file.parent, press, today) if whole else _lone(file, today)


def _campaign(folder: Path, press: Press, today: date) -> tuple[list[Finding], int]:
    campaign = campaigns.read(folder, press)
    found = [
        replace(finding, path=_shown(folder / finding.path))
        for finding in checks.check(campaign, today)
    ]
    return found, len(campaign.recipients.recipients)


def _lone(file: Path, today: date) -> tuple[list[Finding], int]:
    """One file: a list of recipients, a letter or settings, by its ending."""
    text = campaigns.text_of(file.parent, file.name)
    path = _shown(file)
    if file.suffix == ".toml":
        return [replace(each, path=path) for each in settings.read(text)[1]], 0
    if file.suffix == ".j2":
        return letter.read(text, path)[1], 0
    people = recipients.read(text, path)
    return checks.check_list(people, text, today), len(people.recipients)


def _shown(path: Path) -> str:
    """Relative, with slashes and without `./`, as annotations want it; no home folder in it."""
    if path.is_absolute():
        path = Path(os.path.relpath(path))
    return PurePath(path).as_posix()
