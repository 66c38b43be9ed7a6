"""Write docs/reference/commands.md and the man page from the program itself: `make docs`. The tests
look whether they are as they would be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "reference" / "commands.md"
MANUAL = Path(__file__).parent / "man" / "faxappeal.1"
_HEAD = """\
# Commands

What `faxappeal COMMAND --help` says. `-C DIR` before a command runs it as if started there;
`--json` is told in [JSON](json.md), how a command ends in [exit codes](exit-codes.md).
"""


def written() -> str:
    """The page as it should be."""
    parts = [_HEAD]
    for name, command in _commands():
        parts.append(f"\n## {name}\n\n```text\n{_help(name, command)}```\n")
    return "".join(parts)


def manual() -> str:
    """The man page (groff_man(7)) as it should be."""
    lines = ['.TH FAXAPPEAL 1 "" "faxappeal" "User Commands"', ".SH NAME"]
    lines += ["faxappeal \\- puts a letter on every responsible desk, by fax and by e\\-mail"]
    lines += [".SH SYNOPSIS", ".B faxappeal", "[\\fB\\-C\\fR \\fIDIR\\fR] \\fICOMMAND\\fR \\&..."]
    lines += [".SH DESCRIPTION", "A campaign is a folder with recipients.yaml, letter.j2 and"]
    lines += ["faxappeal.toml. Every command has an example: \\fBfaxappeal\\fR \\fICOMMAND\\fR"]
    lines += ["\\fB\\-\\-help\\fR.", ".SH COMMANDS"]
    for name, command in _commands():
        lines.append(f".SS {name}")
        for paragraph in (command.help or "").split("\n\n"):
            lines += [".PP", _roff(" ".join(paragraph.split()))]
        for option in command.params:
            if option.param_type_name == "option":
                names = ", ".join(_roff(word) for word in option.opts)
                lines += [".TP", f"\\fB{names}\\fR", _roff(option.help or "Show this message.")]
    lines += [".SH EXIT STATUS"]
    for code, meaning in _codes():
        lines += [".TP", f"\\fB{code}\\fR", _roff(meaning)]
    return "\n".join(lines) + "\n"


def _commands() -> Iterator[tuple[str, Any]]:
    from typer.main import get_command

    from faxappeal.cli.app import app

    yield from get_command(app).commands.items()  # type: ignore[attr-defined]


def _help(name: str, command: Any) -> str:
    """As a terminal of 80 columns shows it."""
    from typer.testing import CliRunner

    from faxappeal.cli.app import app

    runner = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})
    shown = runner.invoke(app, [name, "--help"], terminal_width=80, prog_name="faxappeal")
    return shown.stdout


def _codes() -> Iterator[tuple[str, str]]:
    text = (PAGE.parent / "exit-codes.md").read_text(encoding="utf-8")
    yield from re.findall(r"^\| (\d+) \| (.*) \|$", text, re.M)


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
    MANUAL.parent.mkdir(exist_ok=True)
    MANUAL.write_text(manual(), encoding="utf-8")
