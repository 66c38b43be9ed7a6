"""`faxappeal send`: prepares the plan, asks, and sends it, queues it or writes a dry run."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

from ..core.errors import ExitCode
from ..core.result import Result
from ..delivery.run_loop import NullObserver, RunObserver
from .dry_run import write_dry_run
from .environment import Environment
from .plan_rows import SendPlan, SendResult
from .run import Run, exit_code
from .selection import Choice
from .send_plan import prepare


def send(
    environment: Environment,
    choice: Choice,
    confirm: Callable[[SendPlan], bool],
    confirm_cancel: Callable[[Run], bool],
    observe: Callable[[SendPlan], AbstractContextManager[RunObserver]],
    *,
    dry_run: bool,
    enqueue: bool,
    wait: bool,
) -> Result:
    """Send the chosen letters of the campaign and, unless `wait` is off, wait for their outcomes.
    With `dry_run` write them to the outbox, with `enqueue` leave them to the workers.

    A person has to `confirm` the plan. After Ctrl-C, `confirm_cancel` says whether the faxes in
    progress should be cancelled too."""
    clock = environment.clock
    with prepare(environment, choice, dry_run=dry_run, enqueue=enqueue) as plan:
        if dry_run:
            return write_dry_run(plan)
        if not plan.leaving:
            Run(plan, clock, NullObserver()).tidy()
            return Result("send", SendResult(plan, plan.rows), exit_code(plan.rows))
        if not confirm(plan):
            declined = SendResult(plan, plan.rows, declined=True)
            return Result("send", declined, ExitCode.INCOMPLETE)
        if enqueue:
            from .enqueue import enqueue as leave_to_workers

            return leave_to_workers(plan, environment)
        with observe(plan) as observer:
            run = Run(plan, clock, observer)
            with _interruptible(run):
                result = run.go(wait=wait)
        if result.exit_code is ExitCode.INTERRUPTED and confirm_cancel(run):
            return run.withdraw()
        return result


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop between two steps, never in the middle of one."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        run.interrupt()

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
