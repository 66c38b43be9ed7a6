"""Commands that send, and ask what became of it."""

from __future__ import annotations

import gc
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core import streams
from ..core.errors import UsageError
from ..core.lifecycle import Resolution, State
from .options import Channel, Csv, Json, Only, Plain, Yes, option
from .runtime import confirm_cancel, confirm_send, end, environment_of, errors

if TYPE_CHECKING:
    from ..commands.plan_rows import SendPlan
    from ..output.progress import Progress


def accounts(
    ctx: typer.Context,
    sign_in: Annotated[
        bool, option("--sign-in", "First sign in to the mail account, with a browser.")
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Try each account without sending.

    Connection, credentials, sender's number, balance: whatever it tells.

    Example: faxappeal accounts
    """
    from ..commands.accounts import accounts as run
    from ..commands.accounts import sign_in as sign_in_first

    with errors("accounts", json, plain) as console:
        if sign_in:
            sign_in_first(Path(), console.sign_in)
        end(console, run(Path(), ctx.obj.clock))


def send(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, option("--dry-run", "Show all, send nothing: write to outbox/.")
    ] = False,
    yes: Yes = False,
    to: Only = None,
    channel: Channel = None,
    accept_unverified: Annotated[
        list[str] | None,
        option("--accept-unverified", "Write to an unverified or stale contact.", "ID"),
    ] = None,
    reason: Annotated[str | None, option("--reason", "Why; it is logged.", "TEXT")] = None,
    to_me: Annotated[
        bool, option("--to-me", "A rehearsal: all letters to your own fax and e-mail.")
    ] = False,
    again: Annotated[bool, option("--again", "Send once more what went out before.")] = False,
    only_failed: Annotated[
        bool, option("--only-failed", "Only what failed, with new tries.")
    ] = False,
    no_wait: Annotated[
        bool, option("--no-wait", "Do what can be done now, then end: for cron.")
    ] = False,
    enqueue: Annotated[
        bool, option("--enqueue", "Leave it to the workers of a shared ledger.")
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the plan, ask, send, and wait for the outcome. What was sent is never sent again.

    Example: faxappeal send --dry-run
    """
    environment = environment_of(ctx)
    from ..commands.selection import Choice
    from ..commands.send import send as run

    choice = Choice(
        only=tuple(to or ()),
        channel=channel,
        accepted=tuple(accept_unverified or ()),
        reason=reason,
        again=again,
        only_failed=only_failed,
        to_me=to_me,
    )
    with errors("send", json, plain) as console:

        def confirm(plan: SendPlan) -> bool:
            from ..output.screens.send import show_plan

            if not json:
                show_plan(console, plan)
            return yes or confirm_send(len(plan.leaving))

        def observe(plan: SendPlan) -> AbstractContextManager[Progress]:
            from ..output.progress import Progress

            gc.enable()  # it may take hours
            return Progress(console, environment.clock, plan.later)

        result = run(
            environment,
            choice,
            confirm,
            lambda run: not json and confirm_cancel(run),
            observe,
            dry_run=dry_run,
            enqueue=enqueue,
            wait=not no_wait,
        )
        end(console, result)


def worker(
    ctx: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="The campaigns' folders, by default here."),
    ] = None,
    at_once: Annotated[
        int, typer.Option("--at-once", metavar="N", help="How many letters at the same time.")
    ] = 4,
) -> None:
    """Send what was left to the workers.

    That is what send --enqueue puts into a ledger in PostgreSQL. As many workers as wanted may run,
    on as many machines, each with the campaign's folder. Each event is a line of JSON. Ctrl-C and
    SIGTERM stop it between two steps.

    Example: faxappeal -C my-campaign worker
    """
    environment = environment_of(ctx)
    from ..commands.worker import worker as run

    with errors("worker", as_json=False, plain=True) as console:
        gc.enable()  # it may take days
        try:
            run(environment, folders or [environment.folder], at_once, console.event)
        finally:
            with suppress(OSError):  # a log that cannot be written stops nothing
                streams.flush(sys.stdout)


def status(
    ctx: typer.Context,
    watch: Annotated[
        bool, option("--watch", "Look again every 10 s, until all is settled.")
    ] = False,
    offline: Annotated[
        bool, option("--offline", "Ask no account about what is under way.")
    ] = False,
    to: Only = None,
    state: Annotated[
        list[State] | None, option("--state", "Only those in this state; may be repeated.")
    ] = None,
    csv: Csv = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show how each letter stands.

    The accounts are asked about those under way, and the mailbox about e-mails.

    Example: faxappeal status --state failed --state unknown
    """
    environment = environment_of(ctx)
    from ..commands import status as command
    from ..commands.selection import Choice
    from ..core.json import to_data
    from ..output import results

    with errors("status", json, plain) as console:
        choice = Choice(only=tuple(to or ()), states=frozenset(state or ()))
        if not watch:
            result = command.status(environment, choice, offline=offline)
            if csv and not json and result.data:
                console.csv(command.COLUMNS, to_data(result.data)["deliveries"])
                result = replace(result, data={})
            end(console, result)
        if json or csv:
            raise UsageError("--watch is for people to look at", "run status --json again instead")
        gc.enable()  # it may take hours
        with results.watching(console, environment.clock) as show:
            for result in command.watch(environment, choice, offline=offline):
                show(result)
        raise typer.Exit(int(result.exit_code))


def resolve(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", show_default=False)],
    outcome: Annotated[Resolution, typer.Argument(show_default=False)],
    reason: Annotated[str, option("--reason", "How you know; it is logged.", "TEXT")] = "",
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Settle an unknown outcome.

    You have found out whether the letter arrived.

    DELIVERY is the first column of faxappeal status; its first four characters will do. What was
    not sent goes out with the next faxappeal send.

    Example: faxappeal resolve 3f9a41 not-sent --reason "the fax journal of the account"
    """
    from ..commands.resolve import resolve as run

    with errors("resolve", json, plain) as console:
        end(console, run(Path(), ctx.obj.clock, delivery, outcome, reason))
