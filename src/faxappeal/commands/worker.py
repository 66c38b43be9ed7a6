"""`faxappeal worker`: runs the deliveries of campaigns from a ledger that machines share."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..campaign.template_process import TemplateProcess
from ..core.clock import Clock
from ..core.errors import UsageError
from ..core.text import masked
from ..ledger.locking import WORKER, lock
from ..workers.folder import CampaignFolder
from ..workers.queue import Jobs, database, prepare
from ..workers.session import WorkerSession
from ..workers.worker import Tell, Worker

MOST = 20  # deliveries at once; each has a connection to the database


def worker(
    folders: Sequence[Path], clock: Clock, templates: TemplateProcess, at_once: int, tell: Tell
) -> None:
    """Serve the queues of campaigns until a signal comes. SetupError and InvalidCampaign before it
    begins."""
    if not 1 <= at_once <= MOST:
        raise UsageError(f"--at-once is a number from 1 to {MOST}", "4 is usual")
    shelves = {
        shelf.id: shelf for shelf in (CampaignFolder(each, clock, templates) for each in folders)
    }
    if len(shelves) < len(folders):
        raise UsageError("two of the folders are the same campaign", "name each campaign once")
    homes = {database(shelf.home) for shelf in shelves.values()}
    if len(homes) > 1:
        raise UsageError("the campaigns have different ledgers", "run a worker for each ledger")
    home = homes.pop()

    def say(words: Mapping[str, Any]) -> None:
        with suppress(OSError):  # a log that is full or gone stops no letter: the ledger has it all
            told = {"at": clock.now().isoformat(timespec="seconds"), **words}
            if "message" in told:  # it may repeat what a server said
                told["message"] = masked(str(told["message"]))
            tell(told)

    _quiet(say)
    who = f"{WORKER}{', '.join(shelves)}, {socket.gethostname()[:20]}"
    with home.open() as ledger, lock(ledger, who, shared=True):
        prepare(ledger)
        from ..workers.service import QueueConsumer

        def open_desk(shelf: CampaignFolder) -> Callable[[], WorkerSession]:
            return lambda: WorkerSession(shelf, ledger, clock, say, Jobs(home.section))

        staff = {id: Worker(ledger, clock, open_desk(s), say) for id, s in shelves.items()}
        try:
            QueueConsumer(Jobs(home.section), staff, say, at_once).serve()
        finally:
            for each in staff.values():
                each.close()


class _Handler(logging.Handler):
    """What the queue's library has to say, as one of our lines."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say({"event": "queue", "message": record.getMessage().split("\n")[0][:300]})


def _quiet(say: Callable[[Mapping[str, Any]], None]) -> None:
    """No library writes on the screen by itself."""
    for name in ("procrastinate", "psycopg", "psycopg.pool", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], False
        logger.addHandler(_Handler(say))
