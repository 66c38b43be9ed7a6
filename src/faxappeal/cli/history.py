"""Commands that tell what was done, and forget it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.lifecycle import State
from .options import Csv, Force, Json, Plain
from .runtime import clock_of, confirm_purge, day, end, errors, start_templates


def log(
    to: Annotated[
        str | None, typer.Option("--to", metavar="ID", help="Only this recipient.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="From this day on.", show_default=False),
    ] = None,
    state: Annotated[
        list[State] | None,
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
    from ..commands.log import COLUMNS
    from ..commands.log import log as run
    from ..core.json import to_data

    with errors("log", json, plain) as console:
        names = [each.value for each in state or ()]
        result = run(Path(), recipient=to, since=day(since), events=names)
        if not (csv or json):
            end(console, result)
        told = to_data(result.data)["events"]
        if not json:
            console.csv(COLUMNS, told)
            return
        for event in told:
            console.json_line(event)


def report(
    ctx: typer.Context,
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
    force: Force = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Prove what was sent, as HTML, PDF or JSON.

    Who, when on both clocks, how, with references, hashes and the first page's picture.

    Example: faxappeal report --html proof.html
    """
    templates = start_templates()
    from ..commands.report import report as run

    with errors("report", json, plain) as console:
        end(
            console,
            run(Path(), clock_of(ctx), templates, html=html, pdf=pdf, redact=redact, over=force),
        )


def purge(
    ctx: typer.Context,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Ended so long ago: 28d, 12h.")
    ] = "28d",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Forget what ended long ago.

    Addresses, documents and the accounts' answers are scrubbed, in all campaigns: make the
    report first.

    What keeps a letter from being sent twice stays, as hashes, and who must not be called.

    Example: faxappeal purge --older-than 28d
    """
    from ..commands.purge import purge as run

    with errors("purge", json, plain) as console:
        asks = sys.stdin.isatty() and not (yes or json)
        end(
            console,
            run(Path(), clock_of(ctx), older_than, confirm_purge if asks else lambda _: True),
        )


def privacy(json: Json = False, plain: Plain = False) -> None:
    """Say what is stored where, and how to delete it.

    Example: faxappeal privacy
    """
    from ..commands.privacy import privacy as run

    with errors("privacy", json, plain) as console:
        end(console, run(Path()))
