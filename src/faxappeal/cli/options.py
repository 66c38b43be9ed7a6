"""Options that several commands share, and the words that they take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

ChannelName = Literal["fax", "email"]
CheckFormat = Literal["auto", "text", "json", "github", "gitlab", "sarif", "junit"]


def option(name: str, help: str, metavar: str | None = None) -> Any:
    """An option whose default is not shown."""
    return typer.Option(name, help=help, metavar=metavar, show_default=False)


Json = Annotated[bool, option("--json", "Print one JSON object.")]
Csv = Annotated[
    bool, option("--csv", "Print a table for a spreadsheet; numbers get an apostrophe.")
]
Only = Annotated[list[str] | None, option("--to", "Only this recipient; may be repeated.", "ID")]
Force = Annotated[bool, option("--force", "Write over files that are there.")]
Plain = Annotated[bool, option("--plain", "No colour.")]
Yes = Annotated[bool, option("--yes", "Do not ask.")]
Channel = Annotated[ChannelName | None, option("--channel", "Only this channel.")]
