"""The questions of `init`: each may be left open, and is asked again where the answer is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer

from ..campaign.starter import Answers
from ..commands.init import READERS, default_id, refuse_existing
from ..core.errors import UsageError

_QUESTIONS = {
    "campaign": "A short name for the campaign",
    "sender": "Your name, or your organisation's",
    "phone": "Your telephone, from + on (it stands on each page)",
    "email": "Your e-mail address (answers come there)",
    "account": "Your fax account ({accounts}, or none)",
    "mail_server": "Your mail server (as in mail.example.org, or none)",
}


def prompt_answers(folder: Path, answers: Answers) -> Answers:
    """The answers, with what is not given yet asked for. UsageError where there is a campaign."""
    from ..providers import fax

    refuse_existing(folder)
    typer.echo("What you leave empty is marked in the files, to be filled in later.")
    for name, question in _QUESTIONS.items():
        if getattr(answers, name) is None:
            question = question.format(accounts=", ".join(fax.names()))
            default = default_id(folder) if name == "campaign" else ""
            answers = replace(answers, **{name: _ask(question, default, READERS[name])})
    return answers


def _ask(question: str, default: str, read: Callable[[str], str]) -> str | None:
    while True:
        answer: str = typer.prompt(question, default=default, show_default=bool(default))
        if not answer.strip():
            return None
        try:
            return read(answer.strip())
        except UsageError as error:
            typer.echo(f"  {error}" + (f" ({error.hint})" if error.hint else ""))
