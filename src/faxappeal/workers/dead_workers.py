"""The jobs of workers that have stopped go to other workers."""

from __future__ import annotations

from collections.abc import Set

from procrastinate import App, JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from .queue import DELIVER, FIRST
from .timing import Timing
from .worker import Tell


def add_takeover(
    app: App, campaign: str, tell: Tell, running: Set[int | None], timing: Timing
) -> None:
    """Add the periodic task. `running` are the ids of the jobs that this worker runs now."""
    manager = app.job_manager
    dropped: set[tuple[int | None, int]] = set()  # which job, at which of its attempts

    @app.periodic(cron=timing.takeover, periodic_id=campaign)
    @app.task(
        name=f"rescue {campaign}",
        queueing_lock=f"rescue {campaign}",
        queue=campaign,
        pass_context=True,
    )
    async def _take_over(context: JobContext, timestamp: int) -> None:
        stalled = await manager.get_stalled_jobs(
            queue=campaign, seconds_since_heartbeat=timing.stalled
        )
        # one of its own that it does not run, twice in a row: the queue missed its end
        mine = await manager.list_jobs_async(
            queue=campaign, task=DELIVER, status="doing", worker_id=context.job.worker_id
        )
        idle = [job for job in mine if job.id not in running]
        lost = [job for job in idle if (job.id, job.attempts) in dropped]
        for job in (*stalled, *lost):
            try:
                await manager.retry_job(job, priority=FIRST)  # its letter may be on the line
            except UniqueViolation:  # it is there twice, and neither could end
                await manager.finish_job(job, Status.FAILED, delete_job=True)
            tell({"event": "taken over", "delivery": job.task_kwargs.get("delivery")})
        dropped.clear()
        dropped.update((job.id, job.attempts) for job in idle)
