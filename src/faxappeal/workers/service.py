"""A worker's place at the queue: it takes jobs, and takes over those of workers that are gone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from ..core.errors import SetupError
from . import queue
from .queue import DELIVER, Jobs
from .worker import NextStep, Tell, Worker

if TYPE_CHECKING:
    from procrastinate.jobs import Job


@dataclass(frozen=True)
class Timing:
    """How long a worker waits for what, in seconds."""

    poll: float = 2.0  # between two looks into the queue for what has become due
    heartbeat: float = 10.0
    stalled: float = 40.0  # without a heartbeat: its jobs go to others
    patience: float = 10.0  # for a connection to the database
    again: float = 5.0  # until a database that is gone is tried again
    rescue: str = "* * * * * */15"  # croniter's: minute, hour, …, second
    chores: str = "*/10 * * * *"


TIMING = Timing()
_FIRST = 1  # a job's priority, where others have 0


class _Later(Exception):
    """A delivery is to be stepped again."""

    def __init__(self, step: NextStep) -> None:
        super().__init__()
        self.step = step


class _Retry(BaseRetryStrategy):
    """Waiting is a job's retry at a later time."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if not isinstance(exception, _Later):  # it was cut off: the ledger knows how far it came
            later = queue.due(timedelta(seconds=TIMING.again))
            return RetryDecision(retry_at=later, priority=_FIRST)
        # of jobs with one lock the queue lets an earlier one go first, even if it is not due yet:
        # whoever is on the line must not wait for those that wait for it, and whoever waits after
        # a failure lets the others to that number go before
        step = exception.step
        name = "delivery" if step.alone else "line"
        return RetryDecision(
            retry_at=queue.due(step.after),
            lock=str(job.task_kwargs[name]),
            priority=_FIRST if step.on_line else 0,
        )


@dataclass
class QueueConsumer:
    """Where a worker serves the queues of campaigns, each by those who know it."""

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
                    await asyncio.wait_for(stop.wait(), TIMING.again)
            self.tell({"event": "ended"})

    async def _work(self, stop: asyncio.Event) -> None:
        """Work until it has to stop, or the database is gone."""
        app = self._app()
        # opened by us, it does not wait for a database that is away: whoever asks it does
        async with self.jobs.connections(TIMING.patience) as pool, app.open_async(pool):
            work = asyncio.create_task(
                app.run_worker_async(
                    queues=list(self.workers),
                    concurrency=self.at_once,
                    fetch_job_polling_interval=TIMING.poll,
                    update_heartbeat_interval=TIMING.heartbeat,
                    stalled_worker_timeout=TIMING.stalled,
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

        @app.task(name=DELIVER, pass_context=True, retry=_Retry())
        def _deliver(context: JobContext, delivery: str, line: str) -> None:
            running.add(context.job.id)
            try:
                later = self.workers[context.job.queue].step(delivery)
            finally:
                running.discard(context.job.id)
            if later:
                raise _Later(later)

        for campaign, worker in self.workers.items():
            _add_periodic_tasks(app, campaign, worker, running)
        return app


def _add_periodic_tasks(app: App, campaign: str, worker: Worker, running: Set[int | None]) -> None:
    """What is to be done for a campaign now and then, by one of its workers."""
    manager = app.job_manager
    dropped: set[tuple[int | None, int]] = set()  # which job, at which of its attempts

    @app.periodic(cron=TIMING.rescue, periodic_id=campaign)
    @app.task(
        name=f"rescue {campaign}",
        queueing_lock=f"rescue {campaign}",
        queue=campaign,
        pass_context=True,
    )
    async def _rescue(context: JobContext, timestamp: int) -> None:
        stalled = await manager.get_stalled_jobs(
            queue=campaign, seconds_since_heartbeat=TIMING.stalled
        )
        # one of its own that it does not run, twice in a row: the queue was not told of its end
        mine = await manager.list_jobs_async(
            queue=campaign, task=DELIVER, status="doing", worker_id=context.job.worker_id
        )
        idle = [job for job in mine if job.id not in running]
        lost = [job for job in idle if (job.id, job.attempts) in dropped]
        for job in (*stalled, *lost):
            try:
                await manager.retry_job(job, priority=_FIRST)  # its letter may be on the line
            except UniqueViolation:  # it is there twice, and neither could end
                await manager.finish_job(job, Status.FAILED, delete_job=True)
            worker.tell({"event": "taken over", "delivery": job.task_kwargs.get("delivery")})
        dropped.clear()
        dropped.update((job.id, job.attempts) for job in idle)

    @app.periodic(cron=TIMING.chores, periodic_id=campaign)
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
