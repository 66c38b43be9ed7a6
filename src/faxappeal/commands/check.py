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
from ..core.errors import ExitCode
from ..core.finding import Finding, errors
from ..core.json import Internal
from ..core.result import Result
from .environment import Environment

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
    environment: Environment,
    *,
    files: Sequence[Path] = (),
    strict: bool = False,
    online: bool = False,
) -> Result:
    """Check the campaign, or these `files`; warnings count only when `strict`, and the
    network is asked only where this may be `online`.

    A file of a campaign is checked with the whole campaign; a list of recipients without a letter
    and settings beside it, by itself.
    """
    results = list(_Checker(environment, environment.clock.now().date(), online).check(files))
    findings = [finding for each in results for finding in each.findings]
    data = CheckResult(
        findings=tuple(findings),
        recipients=sum(each.recipients for each in results),
        unread=sum(each.unread for each in results),
        texts={path: text for each in results for path, text in each.texts.items()},
    )
    bad = findings if strict else errors(findings)
    return Result("check", data, ExitCode.FINDINGS if bad else ExitCode.OK)


@dataclass(frozen=True)
class _Checker:
    """Checks files on one day."""

    environment: Environment
    today: date
    online: bool

    def check(self, files: Sequence[Path]) -> Iterator[CheckResult]:
        """Each campaign and each lone file, once."""
        if not files:
            yield self.check_campaign(self.environment.folder)
        seen = set()
        for file in files:
            is_part = file.name in _CAMPAIGN
            whole = is_part and all((file.parent / name).exists() for name in _CAMPAIGN)
            key = file.parent if whole else file
            if key in seen:
                continue
            seen.add(key)
            yield self.check_campaign(file.parent) if whole else self.check_file(file)

    def check_campaign(self, folder: Path) -> CheckResult:
        campaign = loading.read(folder, self.environment.template_process)
        found = (
            replace(finding, path=_shown(folder / finding.path))
            for finding in checks.check(campaign, self.today, online=self.online)
        )
        texts = {
            _shown(folder / name): campaign.texts[name]
            for name in (loading.RECIPIENTS, letter.FILE)
        }
        listed = campaign.recipients
        return CheckResult(tuple(found), len(listed.recipients), len(listed.unread), texts)

    def check_file(self, file: Path) -> CheckResult:
        """A list of recipients, a letter or settings, by its ending."""
        text = loading.text_of(file.parent, file.name)
        path = _shown(file)
        if file.suffix == ".toml":
            found = [replace(each, path=path) for each in settings.read(text)[1]]
            return CheckResult(tuple(found), 0)
        if file.suffix == ".j2":
            return CheckResult(tuple(letter.read(text, path)[1]), 0, 0, {path: text})
        listed = recipients.read(text, path)
        found = checks.check_list(listed, text, self.today, online=self.online)
        return CheckResult(tuple(found), len(listed.recipients), len(listed.unread), {path: text})


def _shown(path: Path) -> str:
    """Relative, with slashes and without `./`, as annotations want it; no home folder in it."""
    if path.is_absolute():
        path = Path(os.path.relpath(path))
    return PurePath(path).as_posix()
