"""A campaign's folder, which may be brought up to date while workers run."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from ..campaign.loading import LoadedCampaign
from ..campaign.template_process import TemplateProcess
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import FaxappealError
from ..core.finding import InvalidCampaign
from ..ledger.location import LedgerStore, store_of
from .worker import PlanMismatch

_READ_AGAIN = 30.0  # seconds after which a folder that does not match is looked at again
_FILES = ("faxappeal.toml", "recipients.yaml", "letter.j2", "senders.csv", ".env")


class CampaignFolder:
    """The campaign's folder, which somebody may bring up to date while workers run."""

    def __init__(self, folder: Path, clock: Clock, templates: TemplateProcess) -> None:
        self._folder, self._clock, self._templates = folder.absolute(), clock, templates
        self._reading = threading.Lock()
        self._stamp, self._read_at = _stamp(self._folder), time.monotonic()
        self._is_valid = True
        self.latest: LoadedCampaign = self._read()  # that passed its check

    @property
    def id(self) -> str:
        return self.latest.settings.campaign.id

    @property
    def store(self) -> LedgerStore:
        return store_of(self.latest.settings.ledger)

    def campaign(self, *, doubtful: bool = False) -> LoadedCampaign:
        """The campaign as its files are now; PlanMismatch if they are being edited.

        If a letter is `doubtful`, its pictures may have changed. The folder is then read once more,
        if that was not done just now.
        """
        with self._reading:
            stamp, moment = _stamp(self._folder), time.monotonic()
            is_old = moment - self._read_at >= _READ_AGAIN
            if stamp != self._stamp or (is_old and (doubtful or not self._is_valid)):
                self._stamp, self._read_at = stamp, moment
                self._templates = TemplateProcess()  # a killed one writes nothing any more
                try:
                    self.latest, self._is_valid = self._read(), True
                except (InvalidCampaign, FaxappealError):
                    self._is_valid = False
            if not self._is_valid:
                raise PlanMismatch("the campaign's folder does not pass faxappeal check")
            return self.latest

    def _read(self) -> LoadedCampaign:
        return read(self._folder, self._clock.now().date(), self._templates)


def _stamp(folder: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Of the files that a person changes: each one's time, size and inode."""
    found: list[tuple[int, int, int] | None] = [None] * len(_FILES)
    for number, name in enumerate(_FILES):
        with suppress(OSError):
            stat = (folder / name).stat()
            found[number] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return tuple(found)
