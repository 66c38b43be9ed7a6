"""The command line: parse, call a command, show its result. No logic lives here.

Everything heavy is imported inside the command that needs it, so that `--help` stays quick.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from ..core import streams
from ..core.errors import ExitCode, UsageError
from ..core.result import problem_of
from . import campaign, history, sending
from .options import option
from .runtime import Commands, Runtime, open_console, unforeseen

app = typer.Typer(
    name="faxappeal",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"faxappeal {__version__}")
        raise typer.Exit


@app.callback()
def faxappeal(
    ctx: typer.Context,
    folder: Annotated[Path | None, option("-C", "Run as if started in DIR.", "DIR")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Put a letter on every responsible desk, by fax and by e-mail, exactly once.

    A campaign is a folder with recipients.yaml, letter.j2 and faxappeal.toml.

    Example: faxappeal -C my-campaign send --dry-run
    """
    ctx.obj = ctx.obj or Runtime()
    if folder is None:
        return
    try:
        os.chdir(folder)
    except OSError as error:
        problem = problem_of(UsageError(f"cannot go to {folder}: {error.strerror}"))
        open_console().problem(problem)
        raise typer.Exit(ExitCode.USAGE) from None


# in the order in which --help shows them
for command in (
    *(campaign.init, campaign.check, campaign.schema, campaign.preview, campaign.verify),
    *(sending.accounts, sending.send, sending.worker, sending.status, sending.resolve),
    *(history.log, history.report, history.purge, history.privacy),
):
    app.command()(command)


def main() -> None:
    """The program."""
    # most runs are short, and collecting while modules load is a tenth of `check`;
    # commands that may take hours turn it on again
    gc.disable()
    # no plugin of another package looks at our files, and nothing searches for one at each start
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    streams.prepare()
    try:
        try:
            app()
        finally:
            streams.flush(sys.stdout)  # a full disk may show only now
    except BrokenPipeError:  # `head` has seen enough
        sys.exit(1)
    except Exception as error:
        with suppress(OSError):  # standard error may be full, too
            open_console().problem(unforeseen(error))
        sys.exit(ExitCode.SETUP)
    finally:
        with suppress(OSError):
            streams.flush(sys.stderr)
        gc.freeze()  # nor is anything looked through when Python ends: a tenth of `preview`
