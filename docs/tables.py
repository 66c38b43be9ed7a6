"""Write the tables of accounts that stand in README and docs, from the accounts themselves: `make
docs`. The tests look whether the pages have them as they would be written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
# of the one that is no fax account: about, tried, killed, secret
SMTP = (
    "any mail account, with TLS",
    "real Postfix, Exim and Dovecot",
    "told by a copy in the sender's mailbox, where it is set; else `unknown`",
    "password",
)


def accounts(page: Path) -> Iterator[Sequence[str]]:
    """Which there are, and whether anybody has tried them."""
    yield "account", "what it is", "tried live"
    for name, (about, tried, _, _) in _rows():
        yield f"[`{name}`]({_way(page, name)})", about, tried


def secrets(page: Path) -> Iterator[Sequence[str]]:
    """Which secret each wants, and the environment variable that holds it."""
    from faxappeal.fields import variable

    yield "account", "secret", "environment variable"
    for name, (_, _, _, secret) in _rows():
        key = ("email" if name == "smtp" else "fax", name, secret)
        yield f"[`{name}`]({_way(page, name)})", f"`{'.'.join(key)}`", f"`{variable(key)}`"
    key = ("publish", "webdav", "password")
    yield "(a WebDAV folder)", f"`{'.'.join(key)}`", f"`{variable(key)}`"


def killed(_page: Path) -> Iterator[Sequence[str]]:
    """What is known of a letter whose sending was killed."""
    yield "account", "killed before anything left", "killed later"
    for name, (_, _, later, _) in _rows():
        yield f"`{name}`", "sent once", later


def states(_page: Path) -> Iterator[Sequence[str]]:
    """How a delivery may stand."""
    from faxappeal.meanings import STATES

    yield "state", "meaning"
    for state, meaning in STATES.items():
        yield f"`{state}`", meaning


def causes(_page: Path) -> Iterator[Sequence[str]]:
    """Why a letter did not arrive."""
    from faxappeal.meanings import CAUSES

    yield "cause", "meaning", "what follows"
    for cause, (meaning, follows) in CAUSES.items():
        yield f"`{cause}`", meaning, follows


def events(_page: Path) -> Iterator[Sequence[str]]:
    """What the log tells beside the states."""
    from faxappeal.meanings import EVENTS

    yield "event", "meaning"
    for event, meaning in EVENTS.items():
        yield f"`{event}`", meaning


TABLES: dict[str, Callable[[Path], Iterator[Sequence[str]]]] = {
    "accounts": accounts,
    "secrets": secrets,
    "killed": killed,
    "states": states,
    "causes": causes,
    "events": events,
}


def written(page: Path) -> str:
    """The page's text with its tables as they should be."""
    text = page.read_text(encoding="utf-8")
    for name, rows in TABLES.items():
        marks = re.compile(rf"(<!-- {name}: make docs -->\n).*?(<!-- end -->)", re.S)
        table = _table(list(rows(page)))
        text = marks.sub(lambda match, table=table: match[1] + table + match[2], text)  # type: ignore[misc]
    return text


def pages() -> list[Path]:
    """Where tables may stand."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _rows() -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    from pydantic import SecretStr

    from faxappeal.channels import fax

    for name in fax.names():
        table = fax.table(name)
        fields = table.model_fields.items()
        [secret] = [field for field, info in fields if SecretStr in _kinds(info.annotation)]
        yield name, (table.about, table.tried, table.killed, secret)
    yield "smtp", SMTP


def _kinds(annotation: object) -> tuple[object, ...]:
    return (annotation, *getattr(annotation, "__args__", ()))


def _way(page: Path, account: str) -> str:
    """The link from a page to an account's own."""
    target = ROOT / "docs/how-to/accounts" / f"{account}.md"
    return Path(os.path.relpath(target, page.parent)).as_posix()


def _table(rows: list[Sequence[str]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    line = "|" + "---|" * len(rows[0])
    return "\n".join([head, line, *body]) + "\n"


if __name__ == "__main__":
    for page in pages():
        page.write_text(written(page), encoding="utf-8")
