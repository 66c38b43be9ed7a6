"""How commands begin and end: the question, errors as one sentence and a hint."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from ..core.clock import Clock, SystemClock
from ..core.errors import ExitCode, FaxappealError, SetupError, UsageError, where
from ..core.result import Problem, Result, failure, from_findings
from ..core.text import show

if TYPE_CHECKING:
    from ..campaign.template_process import TemplateProcess
    from ..commands.environment import Environment
    from ..commands.run import Run
    from ..commands.verify_call import Question
    from ..output.console import Console
    from ..workers.timing import Timing


def _template_process() -> TemplateProcess:
    from ..campaign.template_process import TemplateProcess

    return TemplateProcess()


@dataclass(frozen=True)
class Runtime:
    """What the program takes from outside. It is the object of the Typer context: a test passes
    one with its own clock, without a process for templates, or with impatient workers."""

    clock: Clock = field(default_factory=SystemClock)
    template_process: Callable[[], TemplateProcess] = _template_process
    timing: Timing | None = None  # of workers


def environment_of(ctx: typer.Context, *, start: bool = True) -> Environment:
    """What a command runs in. The process that fills in templates starts while the command's
    modules load, or when it is needed."""
    from ..commands.environment import Environment

    runtime: Runtime = ctx.obj
    template_process = runtime.template_process()
    if start:
        template_process.start()
    return Environment(Path(), runtime.clock, template_process, runtime.timing)


class Commands(TyperGroup):
    """The commands. An option for a secret, which does not exist, is answered with advice."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            wanted = getattr(error, "option_name", "")  # click's NoSuchOption, which Typer hides
            if re.search("password|secret|token|key|passphrase", wanted):
                error.message += (  # type: ignore[attr-defined]
                    ": everybody on this machine could read it. Put the secret into the "
                    "environment, a .env file (chmod 600) or the keyring: docs/how-to/accounts.md"
                )
            raise


_FULL = (ENOSPC, EDQUOT, EFBIG, EIO)
# more desks than this are hardly all responsible for one matter
_MANY = 20


def confirm_send(count: int) -> bool:
    """The question; without a terminal there is nobody to ask. For many letters, `yes` is typed too
    quickly: their number has to be."""
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked", "add --yes, or look first: --dry-run")
    letters = "1 letter" if count == 1 else f"{count} letters"
    if count <= _MANY:
        return typer.confirm(f"\nSend {letters}?")
    typer.echo(f"\n{letters}: is each of these desks responsible? This is no tool for mass faxes.")
    typed: str = typer.prompt(f"Send {letters}? Type {count} to send", default="no")
    return typed.strip() == str(count)


def day(written: str | None) -> date | None:
    """A day as people write it: `2026-11-24`."""
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UsageError(f"{show(written)} is no day", "write it as 2026-11-24") from None


def confirm_disclosure(words: str) -> bool:
    """Something that has to be said before the first time; without a terminal, --yes is needed."""
    if not sys.stdin.isatty():
        raise UsageError(words[:1].lower() + words[1:].rstrip("."), "if that is right, add --yes")
    typer.echo(words)
    return typer.confirm("Ask it?")


def confirm_call(question: Question) -> bool:
    """The question before a telephone rings; without a terminal there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked", "add --yes, if the number may be called")
    typer.echo(
        f"{show(question.number)} of {show(question.recipient)} is called once, at Twilio's price. "
        f"It is {question.recipient_time:%a %H:%M} there. "
        "A person would hear who you are, and one sentence."
    )
    return typer.confirm("Call it?")


def confirm_purge(letters: Mapping[str, int]) -> bool:
    """The question before a purge, which cannot be undone: whose proof goes."""
    if not letters:
        return True
    for campaign, count in letters.items():
        typer.echo(f"{count:4}  {show(campaign)}")
    typer.echo("Numbers, addresses and documents go: reports made later will not have them.")
    total = sum(letters.values())
    return typer.confirm(f"Forget {total} letter{'s' * (total != 1)}?")


def confirm_cancel(run: Run) -> bool:
    """After Ctrl-C: whether what is under way is to be stopped as well. Only a person says so."""
    under_way = len(run.withdrawable)
    if not under_way or not sys.stdin.isatty():
        return False
    faxes = "1 fax is" if under_way == 1 else f"{under_way} faxes are"
    typer.echo(f"\n{faxes} under way, and will be sent by the fax server.")
    try:
        return typer.confirm("Stop also these? A call on the line ends, and may stay unknown.")
    except typer.Abort:
        return False


def open_console(as_json: bool = False, plain: bool = False) -> Console:
    """The screen."""
    from ..output.console import Console

    return Console(as_json=as_json, plain=plain)


def end(console: Console, result: Result | None, report: str = "") -> NoReturn:
    """Show the result, or a check's as a `report` of this form, and leave with its exit code. There
    is no result where a person has declined."""
    from ..output import results

    if result is None:
        raise typer.Exit(ExitCode.OK)
    if report in ("github", "gitlab", "sarif", "junit") and not result.errors:
        results.report(result.data, report)
    else:
        results.show(console, result)
    raise typer.Exit(int(result.exit_code))


@contextmanager
def errors(command: str, as_json: bool, plain: bool) -> Iterator[Console]:
    """Errors as one sentence and a hint, never as a traceback."""
    from ..core.finding import InvalidCampaign

    console = open_console(as_json, plain)
    try:
        yield console
    except FaxappealError as error:
        end(console, failure(command, error))
    except InvalidCampaign as error:
        end(console, Result(command, {}, ExitCode.FINDINGS, from_findings(error.findings)))
    except (KeyboardInterrupt, typer.Abort):
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def unforeseen(error: Exception) -> Problem:
    """The problem to show for an error that no command expects: a full disk behind standard output,
    or an error of ours. Of that only the kind and place are shown: a value may be private."""
    if isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
        return Problem(
            SetupError.code,
            f"the output cannot be written: {error.strerror}",
            "make room, then try again: nothing is sent twice by that",
        )
    return Problem(
        "bug",
        f"faxappeal made a mistake: {where(error)}",
        "nothing is sent twice by trying again; please tell the developers this line",
    )
