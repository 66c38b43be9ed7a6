"""Commands on the campaign's files: begin it, check it, look at it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import UsageError
from ..core.lifecycle import Method
from .options import Channel, CheckFormat, Force, Json, Plain, Yes, option
from .runtime import confirm_call, confirm_disclosure, end, environment_of, errors


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to, by default here.", show_default=False)
    ] = Path(),
    name: Annotated[str | None, option("--name", "What the campaign is called.", "TEXT")] = None,
    sender: Annotated[
        str | None, option("--sender", "Your name, or your organisation's.", "TEXT")
    ] = None,
    phone: Annotated[str | None, option("--phone", "Your telephone.", "NUMBER")] = None,
    email: Annotated[str | None, option("--email", "Your e-mail.", "ADDRESS")] = None,
    account: Annotated[
        str | None, option("--account", "Your fax account, or none.", "NAME")
    ] = None,
    mail_server: Annotated[
        str | None, option("--mail-server", "Your mail server, or none.", "HOST")
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
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE")] = None,
    format: Annotated[CheckFormat, typer.Option(help="How findings are written.")] = "auto",
    strict: Annotated[bool, option("--strict", "Warnings count as errors.")] = False,
    online: Annotated[
        bool,
        option(
            "--online", "Ask the DNS about e-mail domains and, if it is set, Twilio about numbers."
        ),
    ] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Check recipients, letter and settings. No secrets, and no network without --online.

    Without a FILE it is the campaign here; a lone list of recipients is checked by itself.

    Example: faxappeal check --strict
    """
    environment = environment_of(ctx, start=not files)  # a lone list has no letter
    from ..commands.check import check as run

    with errors("check", json or format == "json", plain) as console:
        result = run(environment, files=files or (), strict=strict, online=online)
        if format == "auto" and os.environ.get("GITHUB_ACTIONS") == "true":
            format = "github"
        end(console, result, "" if json else format)


def schema() -> None:
    """Print the JSON Schema of recipients.yaml, for editors.

    Example: faxappeal schema > recipients.schema.json
    """
    from ..campaign.json_schema import text

    typer.echo(text(), nl=False)


def preview(
    ctx: typer.Context,
    recipients: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    channel: Channel = None,
    out: Annotated[Path | None, option("--out", "Write PDF, TIFF, PNG, eml.", "DIR")] = None,
    force: Force = False,
    open_: Annotated[bool, option("--open", "Show what was written.")] = False,
    json: Json = False,
    plain: Plain = False,
) -> None:
    """Show the letter, and the page as the far end will print it.

    Example: faxappeal preview state-council --channel fax --out look
    """
    environment = environment_of(ctx)
    from ..commands.preview import preview as run

    with errors("preview", json, plain) as console:
        if open_ and out is None:
            raise UsageError("--open shows what --out writes", "add --out FOLDER")
        result = run(environment, only=recipients or [], channel=channel, out=out, overwrite=force)
        if open_:
            typer.launch(str(out))
        end(console, result)


def verify(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    method: Annotated[Method | None, option("--method", "How it was checked.")] = None,
    channel: Channel = None,
    source: Annotated[
        str | None, option("--source", "Where it stands, text or URL.", "URL")
    ] = None,
    by: Annotated[str | None, option("--by", "Who checked it, if not the sender.", "NAME")] = None,
    lookup: Annotated[
        bool, option("--lookup", "Ask Twilio what kind of line the fax number is.")
    ] = False,
    call: Annotated[
        bool, option("--call", "Call the fax number once, to learn what answers.")
    ] = False,
    yes: Yes = False,
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
    environment = environment_of(ctx, start=lookup or call)
    with errors("verify", json, plain) as console:
        if lookup:
            from ..commands.verify_lookup import lookup as run_lookup

            end(
                console,
                run_lookup(environment, recipient, lambda words: yes or confirm_disclosure(words)),
            )
        if call:
            from ..commands.verify_call import call as run_call

            end(
                console,
                run_call(environment, recipient, lambda question: yes or confirm_call(question)),
            )
        if method is None:
            raise UsageError("how was it checked?", "add --method call, website or letterhead")
        from ..commands.verify import verify as run

        end(
            console,
            run(environment, recipient, channel=channel, method=method, source=source, by=by),
        )
