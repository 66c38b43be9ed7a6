"""`faxappeal check`: is the campaign fit to be sent?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import campaign as campaigns
from .. import checks
from ..checks.formats import as_data
from ..clock import Clock
from ..errors import ExitCode
from ..finding import Finding, errors
from ..press import Press
from ..result import Result


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


def check(folder: Path, clock: Clock, press: Press, *, strict: bool = False) -> Result:
    """Check the campaign in `folder`; warnings count only when `strict`."""
    campaign = campaigns.read(folder, press)
    found = checks.check(campaign, clock.now().date())
    bad: Sequence[Finding] = found if strict else errors(found)
    code = ExitCode.FINDINGS if bad else ExitCode.OK
    return Result("check", Checked(tuple(found), len(campaign.recipients.recipients)), code)
