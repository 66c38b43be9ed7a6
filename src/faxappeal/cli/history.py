"""Commands that tell what was done, and forget it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.lifecycle import State
from .options import Csv, Force, Json, Plain, Yes, option
from .runtime import confirm_purge, day, end, environment_of, errors


def log(
    to: Annotated[str | None, option("--to", "Only this recipient.", "ID")] = None,
    since: Annotated[str | None, option("--since", "From this day on.", "DAY")] = None,
    state: Annotated[
        list[State] | None, option("--state", "Only these changes of a state; may be repeated.")
    ] = None,
    csv: Csv = False,
    json: Annotated[bool, option("--json", "Print JSON Lines.")] = False,
    plain: Plain = False,
) -> None:
    """Print the delivery log: every event, oldest first.

    Example: faxappeal log --to state-council --csv
    """
    from ..commands.log import COLUMNS
    from ..commands.log import log as run
    from ..core.json import to_data

    with errors("log", json, plain) as console:
        result = run(Path(), recipient=to, since=day(since), events=state or ())
        if not (csv or json):
            end(console, result)
        events = to_data(result.data)["events"]
        if not json:
            console.csv(COLUMNS, events)
            return
        for event in events:
            console.json_line(event)


def report(
    ctx: typer.Context,
    html: Annotated[
        Path | None, option("--html", "Write it as one HTML file that loads nothing.", "FILE")
    ] = None,
    pdf: Annotated[Path | None, option("--pdf", "Write it as PDF.", "FILE")] = None,
    redact: Annotated[
        bool, option("--redact", "Leave out what leads to the sender or an account.")
    ] = False,
    force: Force = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Prove what was sent, as HTML, PDF or JSON.

    Who, when on both clocks, how, with references, hashes and the first page's picture.

    Example: faxappeal report --html proof.html
    """
    environment = environment_of(ctx)
    from ..commands.report import report as run

    with errors("report", json, plain) as console:
        end(console, run(environment, html=html, pdf=pdf, redact=redact, overwrite=force))


def purge(
    ctx: typer.Context,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Ended so long ago: 28d, 12h.")
    ] = "28d",
    yes: Yes = False,
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
        confirm = confirm_purge if asks else lambda _letters: True
        end(console, run(Path(), ctx.obj.clock, older_than, confirm))


def privacy(json: Json = False, plain: Plain = False) -> None:
    """Say what is stored where, and how to delete it.

    Example: faxappeal privacy
    """
    from ..commands.privacy import privacy as run

    with errors("privacy", json, plain) as console:
        end(console, run(Path()))
