"""A worker takes jobs from the queues of its campaigns, and makes their steps."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException

from ..core.errors import SetupError
from .dead_workers import add_takeover
from .queue import DELIVER, FIRST, Jobs
from .timing import Timing
from .worker import NextStep, Tell, Worker

if TYPE_CHECKING:
    from procrastinate.jobs import Job


class _Later(Exception):
    """A delivery is to be stepped again."""

    def __init__(self, step: NextStep) -> None:
        super().__init__()
        self.step = step


class _Retry(BaseRetryStrategy):
    """Waiting is a job's retry at a later time."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if not isinstance(exception, _Later):  # it was cut off: the ledger knows how far it came
            later = self.timing.due(timedelta(seconds=self.timing.again))
            return RetryDecision(retry_at=later, priority=FIRST)
        # of jobs with one lock the queue lets an earlier one go first, even if it is not due yet:
        # whoever is on the line must not wait for those that wait for it, and whoever waits after
        # a failure lets the others to that number go before
        step = exception.step
        name = "delivery" if step.alone else "line"
        return RetryDecision(
            retry_at=self.timing.due(step.after),
            lock=str(job.task_kwargs[name]),
            priority=FIRST if step.on_line else 0,
        )


@dataclass
class QueueConsumer:
    """Serves the queues of campaigns, each by its own `Worker`."""

    jobs: Jobs
    workers: Mapping[str, Worker]  # by campaign
    tell: Tell
    at_once: int

    def serve(self) -> None:
        """Serve until a signal comes; the steps that are being made then are finished."""
        # psycopg cannot use the loop that Windows has by itself
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.at_once + 2))  # and for names
        stop = asyncio.Event()
        with _signals(loop, stop):
            self.tell({"event": "started", "campaigns": sorted(self.workers)})
            while not stop.is_set():
                try:
                    await self._work(stop)
                except (ConnectorException, SetupError, OSError) as error:
                    why = str(error.__cause__ or error).split("\n")[0]
                    self.tell({"event": "database", "message": why})
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.jobs.timing.again)
            self.tell({"event": "ended"})

    async def _work(self, stop: asyncio.Event) -> None:
        """Work until it has to stop, or the database is gone."""
        app = self._app()
        # opened by us, it does not wait for a database that is away: whoever asks it does
        async with self.jobs.connections(self.jobs.timing.patience) as pool, app.open_async(pool):
            work = asyncio.create_task(
                app.run_worker_async(
                    queues=list(self.workers),
                    concurrency=self.at_once,
                    fetch_job_polling_interval=self.jobs.timing.poll,
                    update_heartbeat_interval=self.jobs.timing.heartbeat,
                    stalled_worker_timeout=self.jobs.timing.stalled,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if work.done():
                work.result()
                return
            work.cancel()  # it takes no more jobs, and waits for those that run
            with suppress(asyncio.CancelledError):
                await work

    def _app(self) -> App:
        app = App(connector=PsycopgConnector())
        running: set[int | None] = set()  # ids of jobs

        @app.task(name=DELIVER, pass_context=True, retry=_Retry(self.jobs.timing))
        def _deliver(context: JobContext, delivery: str, line: str) -> None:
            running.add(context.job.id)
            try:
                later = self.workers[context.job.queue].step(delivery)
            finally:
                running.discard(context.job.id)
            if later:
                raise _Later(later)

        for campaign, worker in self.workers.items():
            add_takeover(app, campaign, worker.tell, running, self.jobs.timing)
            _add_chores(app, campaign, worker, self.jobs.timing.chores)
        return app


def _add_chores(app: App, campaign: str, worker: Worker, cron: str) -> None:
    """What one of a campaign's workers does from time to time."""

    @app.periodic(cron=cron, periodic_id=campaign)
    @app.task(name=f"chores {campaign}", queueing_lock=f"chores {campaign}", queue=campaign)
    def _chores(timestamp: int) -> None:
        worker.do_chores()


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop between two steps."""
    both = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda *_: loop.call_soon_threadsafe(stop.set)) for n in both]
    try:
        yield
    finally:
        for number, handler in zip(both, before, strict=True):
            signal.signal(number, handler)
