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
    from faxappeal.config.fields import env_var_name

    yield "account", "secret", "environment variable"
    for name, (_, _, _, secret) in _rows():
        key = ("email" if name == "smtp" else "fax", name, secret)
        yield f"[`{name}`]({_way(page, name)})", f"`{'.'.join(key)}`", f"`{env_var_name(key)}`"
    others = {
        "(a WebDAV folder)": ("publish", "webdav", "password"),
        "(Twilio, to check numbers)": ("twilio", "auth_token"),
        "(a ledger in PostgreSQL)": ("ledger", "password"),
    }
    for name, key in others.items():
        yield name, f"`{'.'.join(key)}`", f"`{env_var_name(key)}`"


def killed(_page: Path) -> Iterator[Sequence[str]]:
    """What is known of a letter whose sending was killed."""
    yield "account", "killed before anything left", "killed later"
    for name, (_, _, later, _) in _rows():
        yield f"`{name}`", "sent once", later


def states(_page: Path) -> Iterator[Sequence[str]]:
    """How a delivery may stand."""
    from faxappeal.report.glossary import STATES

    yield "state", "meaning"
    for state, meaning in STATES.items():
        yield f"`{state}`", meaning


def transitions(_page: Path) -> Iterator[Sequence[str]]:
    """Which state may follow which."""
    from faxappeal.core.lifecycle import TRANSITIONS

    yield "from", "to"
    for state, following in TRANSITIONS.items():
        yield f"`{state}`", ", ".join(f"`{each}`" for each in sorted(following))


def holds(_page: Path) -> Iterator[Sequence[str]]:
    """Why a letter is held, and whether a person may send it all the same."""
    from faxappeal.core.lifecycle import HoldReason

    yield "reason", "meaning", "`--accept-unverified`"
    for reason in HoldReason:
        yield reason, reason.text, "yes" if reason.can_be_overridden else "no"


def causes(_page: Path) -> Iterator[Sequence[str]]:
    """Why a letter did not arrive."""
    from faxappeal.report.glossary import CAUSES

    yield "cause", "meaning", "what follows"
    for cause, (meaning, follows) in CAUSES.items():
        yield f"`{cause}`", meaning, follows


def events(_page: Path) -> Iterator[Sequence[str]]:
    """What the log tells beside the states."""
    from faxappeal.report.glossary import EVENTS

    yield "event", "meaning"
    for event, meaning in EVENTS.items():
        yield f"`{event}`", meaning


def recipients(_page: Path) -> Iterator[Sequence[str]]:
    """The keys of a recipient, as the schema for editors has them."""
    from faxappeal.campaign.json_schema import schema

    entry = schema()["$defs"]["Recipient"]
    yield "key", "what it is"
    first = ("id", "name", "country", "source", "fax", "email")
    for key in (*first, *(key for key in entry["properties"] if key not in first)):
        told = entry["properties"][key]
        words = told["description"] + " Required." * (key in entry["required"])
        if one := told.get("examples"):
            words += f" For example `{one[0]}`."
        if choice := told.get("enum"):
            words += " One of " + ", ".join(f"`{each}`" for each in choice) + "."
        yield f"`{key}`", words


def settings(_page: Path) -> Iterator[Sequence[str]]:
    """The keys of the settings, table by table, with their defaults."""
    from faxappeal.campaign.settings import _model
    from faxappeal.providers import fax

    yield "table", "key", "default"
    yield from _keys(_model(fax.names()), ())


def _keys(model: type, above: tuple[str, ...]) -> Iterator[Sequence[str]]:
    from pydantic import SecretStr

    below = []
    for name, info in model.model_fields.items():  # type: ignore[attr-defined]
        key = info.alias or name
        tables = [kind for kind in _kinds(info.annotation) if hasattr(kind, "model_fields")]
        if tables:
            below.append((tables[0], (*above, key)))
            continue
        if SecretStr in _kinds(info.annotation):
            continue
        default = (
            "required" if info.is_required() else _toml(info.get_default(call_default_factory=True))
        )
        yield f"`[{'.'.join(above)}]`", f"`{key}`", default
    for table, path in below:
        yield from _keys(table, path)


def _toml(value: object) -> str:
    from datetime import timedelta

    if value is None or value == ():
        return ""
    if isinstance(value, timedelta):
        return f'`"{value.days}d"`' if value.days else f'`"{value.seconds // 60}m"`'
    return f"`{str(value).lower()}`" if isinstance(value, bool | int) else f'`"{value}"`'


TABLES: dict[str, Callable[[Path], Iterator[Sequence[str]]]] = {
    "accounts": accounts,
    "secrets": secrets,
    "killed": killed,
    "states": states,
    "transitions": transitions,
    "holds": holds,
    "causes": causes,
    "events": events,
    "recipients": recipients,
    "settings": settings,
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

    from faxappeal.providers import fax

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
