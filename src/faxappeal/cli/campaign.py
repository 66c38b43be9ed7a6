"""Commands on the campaign's files: begin it, check it, look at it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import ExitCode, UsageError
from ..core.lifecycle import Method
from .options import ChannelOption, CheckFormat, Force, Json, Plain
from .runtime import clock_of, confirm_call, confirm_disclosure, end, errors, start_templates


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
    """Write a new campaign, with comments, to edit.

    On a terminal it asks for what is not given. It never writes over a campaign.

    Example: faxappeal init my-campaign --sender "Erika Mustermann" --account sinch
    """
    from ..commands.init import init as run
    from ..commands.init import parse_answers
    from .prompts import prompt_answers

    with errors("init", json, plain) as console:
        answers = parse_answers(
            campaign=name,
            sender=sender,
            phone=phone,
            email=email,
            account=account,
            mail_server=mail_server,
        )
        if sys.stdin.isatty() and not json:
            answers = prompt_answers(folder, answers)
        end(console, run(folder, answers))


def check(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", show_default=False)] = None,
    format: Annotated[
        CheckFormat, typer.Option("--format", help="How findings are written.")
    ] = CheckFormat.auto,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    online: Annotated[
        bool,
        typer.Option(
            "--online",
            help="Ask the DNS about e-mail domains and, if it is set, Twilio about numbers.",
        ),
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Check recipients, letter and settings. No secrets, and no network without --online.

    Without a FILE it is the campaign here; a lone list of recipients is checked by itself.

    Example: faxappeal check --strict
    """
    templates = start_templates(now=not files)  # a lone list has no letter
    from ..commands.check import check as run

    with errors("check", json or format is CheckFormat.json, plain) as console:
        result = run(
            Path(), clock_of(ctx), templates, files=files or (), strict=strict, online=online
        )
        wanted = format.value
        if format is CheckFormat.auto and os.environ.get("GITHUB_ACTIONS") == "true" and not json:
            wanted = "github"
        end(console, result, "" if json else wanted)


def schema() -> None:
    """Print the JSON Schema of recipients.yaml, for editors.

    Example: faxappeal schema > recipients.schema.json
    """
    from ..campaign.json_schema import text

    typer.echo(text(), nl=False)


def preview(
    ctx: typer.Context,
    recipients: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)
    ] = None,
    channel: ChannelOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write PDF, TIFF, PNG, eml.", show_default=False),
    ] = None,
    force: Force = False,
    open_: Annotated[bool, typer.Option("--open", help="Show what was written.")] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the letter, and the page as the far end will print it.

    Example: faxappeal preview state-council --channel fax --out look
    """
    templates = start_templates()
    from ..commands.preview import preview as run

    with errors("preview", json, plain) as console:
        if open_ and out is None:
            raise UsageError("--open shows what --out writes", "add --out FOLDER")
        result = run(
            Path(),
            clock_of(ctx),
            templates,
            only=recipients or [],
            channel=channel.value if channel else None,
            out=out,
            over=force,
        )
        if open_ and out is not None:
            typer.launch(str(out))
        end(console, result)


def verify(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    method: Annotated[
        Method | None, typer.Option("--method", help="How it was checked.", show_default=False)
    ] = None,
    channel: ChannelOption = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="URL", help="Where it stands, text or URL.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who checked it, if not the sender.")
    ] = None,
    lookup: Annotated[
        bool, typer.Option("--lookup", help="Ask Twilio what kind of line the fax number is.")
    ] = False,
    call: Annotated[
        bool, typer.Option("--call", help="Call the fax number once, to learn what answers.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Write down that a person has checked a contact.

    It counts for 180 days from today. With --lookup and --call nothing is written into the list:
    Twilio says what kind of line it is, or places one short voice call to learn whether a fax
    answers.

    Only the contact's own lines in recipients.yaml change. A hold on the address, for a voice or a
    bounce, is lifted.

    Example: faxappeal verify state-council --channel fax --method call
    """
    with errors("verify", json, plain) as console:
        if lookup:
            from ..commands.verify_lookup import lookup as look

            told = look(
                Path(),
                clock_of(ctx),
                start_templates(),
                recipient,
                lambda words: yes or confirm_disclosure(words),
            )
            if told is None:
                raise typer.Exit(ExitCode.OK)
            end(console, told)
        if call:
            from ..commands.verify_call import call as ring

            called = ring(
                Path(),
                clock_of(ctx),
                start_templates(),
                recipient,
                lambda question: yes or confirm_call(question),
            )
            if called is None:
                raise typer.Exit(ExitCode.OK)
            end(console, called)
        if method is None:
            raise UsageError("how was it checked?", "add --method call, website or letterhead")
        from ..commands.verify import verify as run

        result = run(
            Path(),
            clock_of(ctx),
            recipient,
            channel=channel.value if channel else None,
            method=method.value,
            source=source,
            by=by,
        )
        end(console, result)
