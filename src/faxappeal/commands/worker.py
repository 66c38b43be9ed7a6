"""`faxappeal worker`: runs the deliveries of campaigns from a ledger that machines share."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

from ..core.errors import UsageError
from ..core.redaction import mask_text
from ..ledger.locking import WORKER, lock
from ..workers.folder import CampaignFolder
from ..workers.queue import Jobs, database, prepare
from ..workers.session import WorkerSession
from ..workers.worker import Tell, Worker
from .environment import Environment

MOST = 20  # deliveries at once; each has a connection to the database


def worker(environment: Environment, folders: Sequence[Path], at_once: int, tell: Tell) -> None:
    """Serve the queues of campaigns until a signal comes. SetupError and InvalidCampaign before it
    begins."""
    if not 1 <= at_once <= MOST:
        raise UsageError(f"--at-once is a number from 1 to {MOST}", "4 is usual")
    clock = environment.clock
    opened = [CampaignFolder(each, clock, environment.template_process) for each in folders]
    campaigns = {folder.id: folder for folder in opened}
    if len(campaigns) < len(folders):
        raise UsageError("two of the folders are the same campaign", "name each campaign once")
    homes = {database(folder.store) for folder in opened}
    if len(homes) > 1:
        raise UsageError("the campaigns have different ledgers", "run a worker for each ledger")
    home = homes.pop()

    def say(words: Mapping[str, Any]) -> None:
        with suppress(OSError):  # a log that is full or gone stops no letter: the ledger has it all
            line = {"at": clock.now().isoformat(timespec="seconds"), **words}
            if "message" in line:  # it may repeat what a server said
                line["message"] = mask_text(str(line["message"]))
            tell(line)

    _quiet(say)
    who = f"{WORKER}{', '.join(campaigns)}, {socket.gethostname()[:20]}"
    with home.open() as ledger, lock(ledger, who, shared=True):
        prepare(ledger)
        from ..workers.service import QueueConsumer
        from ..workers.timing import Timing

        jobs = Jobs(home.section, environment.timing or Timing())

        def open_session(folder: CampaignFolder) -> Callable[[], WorkerSession]:
            return lambda: WorkerSession(
                folder=folder, ledger=ledger, clock=clock, tell=say, jobs=jobs
            )

        with ExitStack() as stack:
            workers = {
                id: stack.enter_context(closing(Worker(ledger, clock, open_session(folder), say)))
                for id, folder in campaigns.items()
            }
            QueueConsumer(jobs, workers, say, at_once).serve()


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
