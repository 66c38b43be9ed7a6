"""Commands that send, and ask what became of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.errors import UsageError
from ..core.lifecycle import Resolution, State
from .options import ChannelOption, Csv, Json, Only, Plain
from .runtime import clock_of, confirm_cancel, confirm_send, end, errors, lasting, start_templates

if TYPE_CHECKING:
    from ..commands.plan_rows import SendPlan
    from ..commands.run import Run
    from ..core.clock import Clock
    from ..output.console import Console
    from ..output.progress import Progress


def accounts(
    ctx: typer.Context,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="First sign in to the mail account, with a browser.")
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
        end(console, run(Path(), clock_of(ctx)))


def send(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show all, send nothing: write to outbox/.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ID", help="Only this recipient; may be repeated."),
    ] = None,
    channel: ChannelOption = None,
    accept_unverified: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-unverified", metavar="ID", help="Write to an unverified or stale contact."
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="TEXT", help="Why; it is logged.", show_default=False),
    ] = None,
    to_me: Annotated[
        bool, typer.Option("--to-me", help="A rehearsal: all letters to your own fax and e-mail.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send once more what went out before.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Only what failed, with new tries.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do what can be done now, then end: for cron.")
    ] = False,
    enqueue: Annotated[
        bool, typer.Option("--enqueue", help="Leave it to the workers of a shared ledger.")
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the plan, ask, send, and wait for the outcome. What was sent is never sent again.

    Example: faxappeal send --dry-run
    """
    templates = start_templates()
    from ..commands.selection import Choice
    from ..commands.send import send as run

    choice = Choice(
        tuple(to or ()),
        channel.value if channel else None,
        tuple(accept_unverified or ()),
        reason,
        again,
        only_failed,
        to_me,
    )
    with errors("send", json, plain) as console:
        clock = clock_of(ctx)
        result = run(
            Path(),
            clock,
            templates,
            choice,
            _Confirm(console, yes),
            lambda plan: _progress(console, clock, plan),
            dry_run=dry_run,
            enqueue=enqueue,
            wait=not no_wait,
        )
        end(console, result)


@dataclass(frozen=True)
class _Confirm:
    """Asks on the terminal, or takes --yes for an answer."""

    console: Console
    yes: bool

    def send(self, plan: SendPlan) -> bool:
        from ..output.plan import show_plan

        if not self.console.as_json:
            show_plan(self.console, plan)
        return self.yes or confirm_send(len(plan.leaving))

    def cancel(self, run: Run) -> bool:
        return not self.console.as_json and confirm_cancel(run)


def _progress(console: Console, clock: Clock, plan: SendPlan) -> AbstractContextManager[Progress]:
    from ..output.progress import Progress

    lasting()
    return Progress(console, clock, plan.later)


def worker(
    ctx: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DIR]...", help="The campaigns' folders, by default here.", show_default=False
        ),
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
    templates = start_templates()
    from ..commands.worker import worker as run

    with errors("worker", as_json=False, plain=True) as console:
        lasting()
        run(folders or [Path()], clock_of(ctx), templates, at_once, console.event)


def status(
    ctx: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every 10 s, until all is settled.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no account about what is under way.")
    ] = False,
    to: Only = None,
    state: Annotated[
        list[State] | None,
        typer.Option(
            "--state", help="Only those in this state; may be repeated.", show_default=False
        ),
    ] = None,
    csv: Csv = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show how each letter stands.

    The accounts are asked about those under way, and the mailbox about e-mails.

    Example: faxappeal status --state failed --state unknown
    """
    templates = start_templates()
    from ..commands.selection import Choice
    from ..commands.status import COLUMNS
    from ..commands.status import status as run
    from ..commands.status import watch as looks
    from ..core.json import to_data
    from ..output import screens

    with errors("status", json, plain) as console:
        choice = Choice(only=tuple(to or ()), states=frozenset(state or ()))
        if not watch:
            result = run(Path(), clock_of(ctx), templates, offline=offline, choice=choice)
            if csv and not json and result.data:
                console.csv(COLUMNS, to_data(result.data)["deliveries"])
                result = replace(result, data={})
            end(console, result)
        if json or csv:
            raise UsageError("--watch is for people to look at", "run status --json again instead")
        lasting()
        with screens.watching(console, clock_of(ctx)) as show:
            for result in looks(Path(), clock_of(ctx), templates, offline=offline, choice=choice):
                show(result)
        raise typer.Exit(int(result.exit_code))


def resolve(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", show_default=False)],
    outcome: Annotated[Resolution, typer.Argument(show_default=False)],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="How you know; it is logged.")
    ] = "",
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
        end(console, run(Path(), clock_of(ctx), delivery, outcome, reason))
