"""`faxappeal check`: is the campaign fit to be sent?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Any

from pydantic import WrapSerializer

from .. import checks
from ..campaign import letter, loading, recipients, settings
from ..campaign.template_process import TemplateProcess
from ..core.clock import Clock
from ..core.errors import ExitCode
from ..core.finding import Finding, errors
from ..core.json import Internal
from ..core.result import Result

_CAMPAIGN = (loading.RECIPIENTS, letter.FILE, settings.FILE)


def _flat(finding: Finding, as_data: Callable[[Finding], dict[str, Any]]) -> dict[str, Any]:
    """A finding for JSON, its place beside its other facts."""
    data = as_data(finding)
    return {**data.pop("place"), **data}


@dataclass(frozen=True)
class CheckResult:
    """What was found, and the texts of lists and letters, to show a line to its author.

    Settings are not among them: a secret may have got into any of their lines.
    """

    findings: tuple[Annotated[Finding, WrapSerializer(_flat)], ...]
    recipients: int
    unread: int = 0  # of whom only is known that they cannot be read
    texts: Internal[Mapping[str, str]] = field(default_factory=dict, repr=False)  # by path


def check(
    folder: Path,
    clock: Clock,
    templates: TemplateProcess,
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
    look = _Look(templates, clock.now().date(), online)
    found = list(look.at(folder, files))
    findings = tuple(finding for part in found for finding in part.findings)
    count = sum(part.recipients for part in found)
    unread = sum(part.unread for part in found)
    texts = {path: text for part in found for path, text in part.texts.items()}
    bad: Sequence[Finding] = findings if strict else errors([*findings])
    code = ExitCode.FINDINGS if bad else ExitCode.OK
    return Result("check", CheckResult(findings, count, unread, texts), code)


@dataclass(frozen=True)
class _Look:
    """A look at files on one day."""

    templates: TemplateProcess
    today: date
    online: bool

    def at(self, folder: Path, files: Sequence[Path]) -> Iterator[CheckResult]:
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

    def at_campaign(self, folder: Path) -> CheckResult:
        campaign = loading.read(folder, self.templates)
        found = (
            replace(finding, path=_shown(folder / finding.path))
            for finding in checks.check(campaign, self.today, online=self.online)
        )
        texts = {
            _shown(folder / name): campaign.texts[name]
            for name in (loading.RECIPIENTS, letter.FILE)
        }
        parsed = campaign.recipients
        return CheckResult(tuple(found), len(parsed.recipients), len(parsed.unread), texts)

    def at_file(self, file: Path) -> CheckResult:
        """A list of recipients, a letter or settings, by its ending."""
        text = loading.text_of(file.parent, file.name)
        path = _shown(file)
        if file.suffix == ".toml":
            found = [replace(each, path=path) for each in settings.read(text)[1]]
            return CheckResult(tuple(found), 0)
        if file.suffix == ".j2":
            return CheckResult(tuple(letter.read(text, path)[1]), 0, 0, {path: text})
        parsed = recipients.read(text, path)
        found = checks.check_list(parsed, text, self.today, online=self.online)
        return CheckResult(tuple(found), len(parsed.recipients), len(parsed.unread), {path: text})


def _shown(path: Path) -> str:
    """Relative, with slashes and without `./`, as annotations want it; no home folder in it."""
    if path.is_absolute():
        path = Path(os.path.relpath(path))
    return PurePath(path).as_posix()
