"""Options that several commands share, and the words that they take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class ChannelName(StrEnum):
    fax = "fax"
    email = "email"


class CheckFormat(StrEnum):
    auto = "auto"
    text = "text"
    json = "json"
    github = "github"
    gitlab = "gitlab"
    sarif = "sarif"
    junit = "junit"


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
Force = Annotated[bool, typer.Option("--force", help="Write over files that are there.")]
Plain = Annotated[bool, typer.Option("--plain", help="No colour.")]
ChannelOption = Annotated[
    ChannelName | None, typer.Option("--channel", help="Only this channel.", show_default=False)
]
