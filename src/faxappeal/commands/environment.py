"""What a command runs in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..campaign.loading import LoadedCampaign
    from ..campaign.template_process import TemplateProcess
    from ..core.clock import Clock
    from ..workers.timing import Timing


@dataclass(frozen=True)
class Environment:
    """The campaign's folder, the clock, and the process that fills in templates.

    It is made before a command's modules load, so it loads none of them itself.
    """

    folder: Path
    clock: Clock
    template_process: TemplateProcess
    timing: Timing | None = None  # of workers, where it is not the usual one

    def read(self) -> LoadedCampaign:
        """The campaign; InvalidCampaign where `check` finds an error in it."""
        from ..checks.load import read

        return read(self.folder, self.clock.now().date(), self.template_process)
