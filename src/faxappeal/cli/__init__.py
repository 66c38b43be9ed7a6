"""The command line: parse, call, hand to the console. No logic lives here.

Everything heavy is imported inside the command that needs it, so that `--help` stays quick.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from ..clock import Clock, SystemClock
from ..errors import ExitCode, UsageError
from .ends import (
    Commands,
    agreed,
    as_problem,
    bug,
    end,
    errors,
    give_up,
    interruptible,
    open_console,
    start_press,
)

app = typer.Typer(
    name="faxappeal",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
clock: Clock = SystemClock()  # tests put another one here


class ChannelName(StrEnum):
    fax = "fax"
    email = "email"


class Outcome(StrEnum):
    delivered = "delivered"
    not_sent = "not-sent"


class Method(StrEnum):
    website = "website"
    call = "call"
    letterhead = "letterhead"


class CheckFormat(StrEnum):
    auto = "auto"
    text = "text"
    json = "json"
    github = "github"
    gitlab = "gitlab"
    sarif = "sarif"
    junit = "junit"


class StateName(StrEnum):
    planned = "planned"
    held = "held"
    waiting = "waiting"
    submitting = "submitting"
    accepted = "accepted"
    relayed = "relayed"
    delivered = "delivered"
    failed = "failed"
    unknown = "unknown"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Csv = Annotated[
    bool, typer.Option("--csv", help="Print a table for a spreadsheet; numbers get an apostrophe.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--to", metavar="ID", help="Only this recipient; may be repeated.", show_default=False
    ),
]
Plain = Annotated[bool, typer.Option("--plain", help="No colour.")]
ChannelOption = Annotated[
    ChannelName | None, typer.Option("--channel", help="Only this channel.", show_default=False)
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"faxappeal {__version__}")
        raise typer.Exit


@app.callback()
def faxappeal(
    folder: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="Run as if started in DIR.", show_default=False),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Put a letter on every responsible desk, by fax and by e-mail, exactly once.

    A campaign is a folder with recipients.yaml, letter.j2 and faxappeal.toml.

    Example: faxappeal -C my-campaign send --dry-run
    """
    if folder is None:
        return
    try:
        os.chdir(folder)
    except OSError as error:
        console = open_console()
        console.problem(as_problem(UsageError(f"cannot go to {folder}: {error.strerror}")))
        raise typer.Exit(ExitCode.USAGE) from None


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to, by default here.", show_default=False)
    ] = Path(),
    name: Annotated[
        str | None,
        typer.Option(help="What the campaign is called.", metavar="TEXT", show_default=False),
    ] = None,
    sender: Annotated[
        str | None,
        typer.Option(help="Your name, or your organisation's.", metavar="TEXT", show_default=False),
    ] = None,
    phone: Annotated[
        str | None, typer.Option(help="Your telephone.", metavar="NUMBER", show_default=False)
    ] = None,
    email: Annotated[
        str | None, typer.Option(help="Your e-mail.", metavar="ADDRESS", show_default=False)
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help="Your fax account, or none.", metavar="NAME", show_default=False),
    ] = None,
    mail_server: Annotated[
        str | None,
        typer.Option(help="Your mail server, or none.", metavar="HOST", show_default=False),
    ] = None,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Write a new campaign to edit: recipients, letter and settings, with comments.

    On a terminal it asks for what is not given. It never writes over a campaign.

    Example: faxappeal init my-campaign --sender "Erika Mustermann" --account sinch
    """
    from ..commands.init import given
    from ..commands.init import init as run
    from .asking import asked

    with errors("init", json, plain) as console:
        answers = given(
            campaign=name,
            sender=sender,
            phone=phone,
            email=email,
            account=account,
            mail_server=mail_server,
        )
        if sys.stdin.isatty() and not json:
            answers = asked(folder, answers)
        end(console, run(folder, answers))


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", show_default=False)] = None,
    format: Annotated[
        CheckFormat, typer.Option("--format", help="How findings are written.")
    ] = CheckFormat.auto,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the DNS whether e-mail domains take mail.")
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Check recipients, letter and settings. No secrets, and no network without --online.

    Without a FILE it is the campaign here; a lone list of recipients is checked by itself.

    Example: faxappeal check --strict
    """
    press = start_press(now=not files)  # a lone list has no letter
    from ..commands.check import check as run

    with errors("check", json or format is CheckFormat.json, plain) as console:
        result = run(Path(), clock, press, files=files or (), strict=strict, online=online)
        wanted = format.value
        if format is CheckFormat.auto and os.environ.get("GITHUB_ACTIONS") == "true" and not json:
            wanted = "github"
        end(console, result, "" if json else wanted)


@app.command()
def schema() -> None:
    """Print the JSON Schema of recipients.yaml, for editors.

    Example: faxappeal schema > recipients.schema.json
    """
    from ..schema import text

    typer.echo(text(), nl=False)


@app.command()
def preview(
    recipients: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)
    ] = None,
    channel: ChannelOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write PDF, TIFF, PNG, eml.", show_default=False),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show what was written.")] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the letter, and the page as the far end will print it.

    Example: faxappeal preview state-council --channel fax --out look
    """
    press = start_press()
    from ..commands.preview import preview as run

    with errors("preview", json, plain) as console:
        if open_ and out is None:
            raise UsageError("--open shows what --out writes", "add --out FOLDER")
        result = run(
            Path(),
            clock,
            press,
            only=recipients or [],
            channel=channel.value if channel else None,
            out=out,
        )
        if open_ and out is not None:
            typer.launch(str(out))
        end(console, result)


@app.command()
def send(
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
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the plan, ask, send, and wait for the outcome. What was sent is never sent again.

    Example: faxappeal send --dry-run
    """
    press = start_press()
    from ..commands.planning import Choice, prepare
    from ..commands.send import Run, exit_code, rehearse
    from ..queue import Nobody
    from ..result import Result

    choice = Choice(
        tuple(to or ()),
        channel.value if channel else None,
        tuple(accept_unverified or ()),
        reason,
        again,
        only_failed,
        to_me,
    )
    with (
        errors("send", json, plain) as console,
        prepare(Path(), clock, press, choice, dry_run=dry_run) as plan,
    ):
        if dry_run:
            end(console, rehearse(plan))
        if not plan.leaving:
            Run(plan, clock, choice, Nobody()).tidy()
            end(console, Result("send", plan, exit_code(plan.rows)))
        if not json:
            console.plan(plan)
        if not yes and not agreed(len(plan.leaving)):
            end(console, Result("send", plan, ExitCode.INCOMPLETE))
        with console.progress(clock, plan.later) as progress:
            run = Run(plan, clock, choice, progress)
            with interruptible(run):
                result = run.go(wait=not no_wait)
        if result.exit_code is ExitCode.INTERRUPTED and not json and give_up(run):
            result = run.withdraw()
        end(console, result)


@app.command()
def status(
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every 10 s, until all is settled.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no account about what is under way.")
    ] = False,
    to: Only = None,
    state: Annotated[
        list[StateName] | None,
        typer.Option(
            "--state", help="Only those in this state; may be repeated.", show_default=False
        ),
    ] = None,
    csv: Csv = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show how each delivery stands, asking the accounts about those under way.

    Example: faxappeal status --state failed --state unknown
    """
    press = start_press()
    from ..commands.status import COLUMNS, Wanted
    from ..commands.status import status as run
    from ..commands.status import watch as looks

    with errors("status", json, plain) as console:
        wanted = Wanted(tuple(to or ()), tuple(each.value for each in state or ()))
        if not watch:
            result = run(Path(), clock, press, offline=offline, wanted=wanted)
            if csv and not json and result.data:
                console.csv(COLUMNS, [row.as_data() for row in result.data.rows])
                result = replace(result, data={})
            end(console, result)
        if json or csv:
            raise UsageError("--watch is for people to look at", "run status --json again instead")
        with console.watching(clock) as show:
            for result in looks(Path(), clock, press, offline=offline, wanted=wanted):
                show(result)
        raise typer.Exit(int(result.exit_code))


@app.command()
def resolve(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", show_default=False)],
    outcome: Annotated[Outcome, typer.Argument(show_default=False)],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="How you know; it is logged.")
    ] = "",
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Settle an unknown outcome: you have found out whether the letter arrived.

    DELIVERY is the first column of faxappeal status; its first four characters will do. What was
    not sent goes out with the next faxappeal send.

    Example: faxappeal resolve 3f9a41 not-sent --reason "the fax journal of the account"
    """
    from ..commands.resolve import resolve as run

    with errors("resolve", json, plain) as console:
        end(console, run(Path(), clock, delivery, outcome.value, reason))


@app.command()
def verify(
    recipient: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    method: Annotated[Method, typer.Option("--method", help="How it was checked.")],
    channel: ChannelOption = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="URL", help="Where it stands, text or URL.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who checked it, if not the sender.")
    ] = None,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Write down that a person has checked a contact today; it counts for 180 days.

    Only the contact's own lines in recipients.yaml change. A hold on the address, for a voice or a
    bounce, is lifted.

    Example: faxappeal verify state-council --channel fax --method call
    """
    from ..commands.verify import verify as run

    with errors("verify", json, plain) as console:
        result = run(
            Path(),
            clock,
            recipient,
            channel=channel.value if channel else None,
            method=method.value,
            source=source,
            by=by,
        )
        end(console, result)


@app.command()
def log(
    to: Annotated[
        str | None, typer.Option("--to", metavar="ID", help="Only this recipient.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="From this day on.")
    ] = None,
    state: Annotated[
        list[StateName] | None,
        typer.Option(
            "--state", help="Only these changes of a state; may be repeated.", show_default=False
        ),
    ] = None,
    csv: Csv = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
    plain: Plain = False,
) -> None:
    """Print the delivery log: every event, oldest first.

    Example: faxappeal log --to state-council --csv
    """
    from ..commands.log import COLUMNS, event_data
    from ..commands.log import log as run

    with errors("log", json, plain) as console:
        names = [each.value for each in state or ()]
        result = run(Path(), recipient=to, since=since.date() if since else None, events=names)
        if csv and not json:
            console.csv(COLUMNS, [event_data(event) for event in result.data.events])
            return
        if not json:
            end(console, result)
        for event in result.data.events:
            console.json_line(event_data(event))


@app.command()
def report(
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write it as one HTML file that loads nothing.", show_default=False
        ),
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as PDF.", show_default=False)
    ] = None,
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Leave out what leads to the sender or an account."),
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Proof of sending: who, when, how, with references and the first page's picture.

    Example: faxappeal report --html proof.html
    """
    press = start_press()
    from ..commands.report import report as run

    with errors("report", json, plain) as console:
        end(console, run(Path(), clock, press, html=html, pdf=pdf, redact=redact))


@app.command()
def accounts(
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="First sign in to the mail account, with a browser.")
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Try each account without sending: connection, credentials, and what else it tells.

    Example: faxappeal accounts
    """
    from ..commands.accounts import accounts as run
    from ..commands.accounts import sign_in as sign_in_first

    with errors("accounts", json, plain) as console:
        if sign_in:
            sign_in_first(Path(), console.sign_in)
        end(console, run(Path(), clock))


@app.command()
def purge(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Ended so long ago: 28d, 12h.")
    ] = "28d",
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Forget: scrub addresses, documents and raw answers of what ended long ago.

    What keeps a letter from being sent twice stays, as hashes, and who must not be called.

    Example: faxappeal purge --older-than 28d
    """
    from ..commands.purge import purge as run

    with errors("purge", json, plain) as console:
        end(console, run(Path(), clock, older_than))


@app.command()
def privacy(json: Json = False, plain: Plain = False) -> None:
    """Say what is stored where, on this machine and elsewhere, and how to delete it.

    Example: faxappeal privacy
    """
    from ..commands.privacy import privacy as run

    with errors("privacy", json, plain) as console:
        end(console, run(Path()))


def main() -> None:
    """The program."""
    gc.disable()  # a short run: collecting while modules load is a tenth of `check`
    # no plugin of another package looks at our files, and nothing searches for one at each start
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that cannot show a letter is no error
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:
        open_console().problem(bug(error))
        sys.exit(ExitCode.SETUP)
    finally:
        gc.freeze()  # nor is anything looked through when Python ends: a tenth of `preview`
