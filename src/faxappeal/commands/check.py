"""`faxappeal check`: is the campaign fit to be sent?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from .. import checks
from ..campaign import letter, loading, recipients, settings
from ..campaign.template_process import TemplateProcess
from ..core.clock import Clock
from ..core.errors import ExitCode
from ..core.finding import Finding, errors
from ..core.result import Result

_CAMPAIGN = (loading.RECIPIENTS, letter.FILE, settings.FILE)


@dataclass(frozen=True)
class Checked:
    """What was found, and the texts of lists and letters, to show a line to whoever wrote it.

    Settings are not among them: a secret may have got into any of their lines.
    """

    findings: tuple[Finding, ...]
    recipients: int
    unread: int = 0  # of whom only is known that they cannot be read
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)  # by path

    def as_data(self) -> dict[str, Any]:
        return {
            "findings": [_data(finding) for finding in self.findings],
            "recipients": self.recipients,
            "unread": self.unread,
        }


def check(
    folder: Path,
    clock: Clock,
    press: TemplateProcess,
    *,
    files: Sequence[Path] = (),
    strict: bool = False,
    online: bool = False,
) -> Result:
    """Check the campaign in `folder`, or these `files`; warnings count only when `strict`, and the
    network is asked only where this may be `online`.

    A file of a campaign is checked with the whole campaign; a list of recipients without a letter
    and settings beside it, by itself.
    """
    look = _Look(press, clock.now().date(), online)
    found = list(look.at(folder, files))
    findings = tuple(finding for part in found for finding in part.findings)
    people = sum(part.recipients for part in found)
    unread = sum(part.unread for part in found)
    texts = {path: text for part in found for path, text in part.texts.items()}
    bad: Sequence[Finding] = findings if strict else errors([*findings])
    code = ExitCode.FINDINGS if bad else ExitCode.OK
    return Result("check", Checked(findings, people, unread, texts), code)


@dataclass(frozen=True)
class _Look:
    """A look at files on one day."""

    press: TemplateProcess
    today: date
    online: bool

    def at(self, folder: Path, files: Sequence[Path]) -> Iterator[Checked]:
        """Each campaign and each lone file, once."""
        if not files:
            yield self.at_campaign(folder)
            return
        seen = set()
        for file in files:
            is_part = file.name in _CAMPAIGN
            whole = is_part and all((file.parent / name).exists() for name in _CAMPAIGN)
            key = file.parent if whole else file
            if key in seen:
                continue
            seen.add(key)
            yield self.at_campaign(file.parent) if whole else self.at_file(file)

    def at_campaign(self, folder: Path) -> Checked:
        campaign = loading.read(folder, self.press)
        found = (
            replace(finding, path=_shown(folder / finding.path))
            for finding in checks.check(campaign, self.today, online=self.online)
        )
        texts = {
            _shown(folder / name): campaign.texts[name]
            for name in (loading.RECIPIENTS, letter.FILE)
        }
        people = campaign.recipients
        return Checked(tuple(found), len(people.recipients), len(people.unread), texts)

    def at_file(self, file: Path) -> Checked:
        """A list of recipients, a letter or settings, by its ending."""
        text = loading.text_of(file.parent, file.name)
        path = _shown(file)
        if file.suffix == ".toml":
            return Checked(tuple(replace(each, path=path) for each in settings.read(text)[1]), 0)
        if file.suffix == ".j2":
            return Checked(tuple(letter.read(text, path)[1]), 0, 0, {path: text})
        people = recipients.read(text, path)
        found = checks.check_list(people, text, self.today, online=self.online)
        return Checked(tuple(found), len(people.recipients), len(people.unread), {path: text})


def _data(finding: Finding) -> dict[str, Any]:
    """A finding for JSON, its place beside its other facts."""
    place = finding.place
    return {
        "path": finding.path,
        "line": place.line,
        "column": place.column,
        "level": finding.level,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
    }


def _shown(path: Path) -> str:
    """Relative, with slashes and without `./`, as annotations want it; no home folder in it."""
    if path.is_absolute():
        path = Path(os.path.relpath(path))
    return PurePath(path).as_posix()
