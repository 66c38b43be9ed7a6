"""faxappeal.toml and the environment: the sender, the accounts, the pacing."""

from __future__ import annotations

import io
import os
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ..config import env_file as env
from ..config.fields import PREFIX, Section, env_var_name
from ..config.sections import (
    CampaignSection,
    EmailSection,
    FaxSection,
    LedgerSection,
    Pacing,
    Publish,
    Sender,
    SendersSection,
    TwilioSection,
)
from ..core.finding import Finding, FindingList, Location
from ..core.text import guess_hint, show
from ..providers import fax

FILE = "faxappeal.toml"
Key = tuple[str, ...]  # with the tables around it


class Settings(Section):
    """The whole file; every value may be overridden by `FAXAPPEAL_TABLE__KEY`."""

    campaign: CampaignSection
    sender: Sender
    fax: FaxSection = FaxSection()
    email: EmailSection = EmailSection()
    pacing: Pacing = Pacing()
    publish: Publish | None = None
    twilio: TwilioSection | None = None
    senders: SendersSection = SendersSection()
    ledger: LedgerSection = LedgerSection()


@cache
def _model(accounts: tuple[str, ...]) -> type[Settings]:
    """Settings with the tables of these fax accounts: only those are loaded."""
    tables: dict[str, Any] = {name: (fax.table(name) | None, None) for name in accounts}
    tables["account"] = (Literal[fax.names()] | None, None)
    section = create_model("FaxSection", __base__=FaxSection, **tables)
    return create_model("Settings", __base__=Settings, fax=(section, section()))


def _accounts(data: dict[str, Any], env_text: str) -> tuple[str, ...]:
    """The fax accounts that the file, the environment or `.env` has settings of."""
    written = data.get("fax")
    words = "\n".join([*os.environ, env_text])
    return tuple(
        name
        for name in fax.names()
        if (isinstance(written, dict) and name in written)
        or env_var_name(("fax", name, "")) in words.upper()
    )


def _settings(model: type[Settings], data: dict[str, Any], env_text: str) -> Settings:
    """The file's `data` under what the environment and `.env` say (the first wins)."""
    if not env_text and not any(name.upper().startswith(PREFIX) for name in os.environ):
        return model(**data)
    from dotenv import dotenv_values
    from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

    class Overridden(model, BaseSettings):  # type: ignore[misc,valid-type]
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")

    # the text was read already: the file may be another one by now
    in_file = EnvSettingsSource(Overridden)
    lines = dotenv_values(stream=io.StringIO(env_text))
    in_file.env_vars = {name.lower(): value for name, value in lines.items()}
    merged = data
    for source in (in_file, EnvSettingsSource(Overridden)):
        # .env may be other programs', too
        values = {name: value for name, value in source().items() if name in model.model_fields}
        # there always is a ledger
        merged = _merged(merged, _without_lone_secrets(values, {"ledger": {}} | data))
    return model(**merged)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """The values of `above` over those of `below`, table by table."""
    merged = below | above
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = _merged(below[name], above[name])
    return merged


def read(text: str, dotenv: Path | None = None) -> tuple[Settings | None, list[Finding]]:
    """Settings of the file's `text` and the environment, or what is wrong with them."""
    findings = FindingList(FILE)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _add_syntax_error(findings, error, text)
        return None, findings
    env_text = env.text_of(dotenv) if dotenv and dotenv.exists() else ""
    model = _model(_accounts(data, env_text))
    secrets = list(_secrets_in(data))
    known = list(_paths(model)) if env_text or secrets else []
    for key in secrets:
        message = f"{'.'.join(key)} is a secret and does not belong in a file that is shared"
        and_set = f", and set {env_var_name(key)}" if key in known else ""
        hint = f"delete it here, change it at the provider{and_set}"
        findings.error(place_of(text, key), "secret-in-file", message, hint)
    findings += env.problems(env_text, known)
    if findings:
        return None, findings
    try:
        return _settings(model, data, env_text), []
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        return None, [_shape_finding(details, text, model, env_text) for details in wrong]


def _without_lone_secrets(values: dict[str, Any], written: Any) -> dict[str, Any]:
    """Without the secrets of tables that the file does not have: one `.env` may serve several
    campaigns, and a password alone makes no account."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            below = written.get(name) if isinstance(written, dict) else None
            value = _without_lone_secrets(value, below)
            if below is None and all(_SECRET.search(key) for key in value):
                continue
        found[name] = value
    return found


_TWILIO = 'Twilio stopped sending faxes on 2021-12-17; account = "signalwire" speaks its API'
_SECRET = re.compile(r"(password|secret|token|api_?key|passphrase)$", re.I)


def _secrets_in(table: dict[str, Any], above: Key = ()) -> Iterator[Key]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _secrets_in(value, (*above, name))
        elif _SECRET.search(name):
            yield (*above, name)


def _add_syntax_error(findings: FindingList, error: tomllib.TOMLDecodeError, text: str) -> None:
    if match := re.search(r"\(at line (\d+), column (\d+)\)", str(error)):
        place = Location(int(match[1]), int(match[2]))
    else:
        lines = text.splitlines() or [""]
        place = Location(len(lines), len(lines[-1]) + 1)
    message, hint = str(error).split(" (at ")[0], ""
    if twice := re.fullmatch(r"Cannot declare \((.+?),?\) twice", message):
        table = twice[1].replace("'", "").replace(", ", ".")
        message, hint = f"the table [{table}] is here already", "put both parts into one table"
    elif message == "Cannot overwrite a value":
        message, hint = "this key has a value already", "keep one of the two lines"
    elif message == "Invalid value":
        hint = 'a text stands in quotes: name = "Erika Mustermann"'
    message = show(message[:1].lower() + message[1:])
    findings.error(place, "toml-syntax", message, hint)


def _shape_finding(
    details: ErrorDetails, text: str, model: type[Settings], env_text: str
) -> Finding:
    key = tuple(str(part) for part in details["loc"])
    name, kind = ".".join(key), details["type"]
    path, place = _whence(text, env_text, key)
    rule, hint = "bad-value", ""
    message = f"{name}: {details['msg'].removeprefix('Value error, ')}"
    if kind == "missing":
        rule, message, hint = "missing-key", f"{name} is missing", _where(key)
    elif kind == "extra_forbidden":
        rule, message = "unknown-key", f"unknown key {show(name)}"
        hint = guess_hint(key[-1], _known_keys(key, model))
        hint = _TWILIO if key == ("fax", "twilio") else hint
    elif kind == "literal_error":
        expected = details["ctx"]["expected"]
        message = f"{name} must be {expected}"
        hint = guess_hint(_written(text, place), re.findall(r"'([^']+)'", expected))
        hint = _TWILIO if key == ("fax", "account") and "twilio" in text else hint
    elif kind == "string_pattern_mismatch":
        message, hint = f"{name}: not in the right form", _FORMS.get(key[-1], "")
    elif key == ("pacing",):  # of two keys together
        wrong = "days" if "days" in details["msg"] else "hours"
        path, place = _whence(text, env_text, ("pacing", wrong))
        message = message.replace("pacing", f"pacing.{wrong}", 1)
    return Finding(path=path, place=place, level="error", rule=rule, message=message, hint=hint)


def _whence(text: str, env_text: str, key: Key) -> tuple[str, Location]:
    """Where a setting comes from: the first of the environment, `.env` and the file wins."""
    if env_var_name(key) in os.environ:
        return env_var_name(key), Location()
    if (in_env := env.place(env_text, key)) is not None:
        return env.FILE, in_env
    return FILE, place_of(text, key)


_FORMS = {
    "phone": "from + and the country code on: +49 30 23125 012",
    "fax": "from + and the country code on: +49 30 23125 013",
    "from": "from + and the country code on: +1 202 555 0199",
    "id": "small letters, digits and hyphens: free-the-writers",
}


def _written(text: str, place: Location) -> str:
    """The value that stands at a key's place, as far as a guess needs it."""
    line = (text.splitlines() or [""])[place.line - 1]
    found = re.search(r"=\s*[\"']?([\w-]+)", line[place.column - 1 :])
    return found[1] if found else ""


def _paths(model: type[BaseModel], above: Key = ()) -> Iterator[Key]:
    """All keys, each with its tables."""
    for name, info in model.model_fields.items():
        key = (*above, info.alias or name)
        table = _table(info)
        yield from _paths(table, key) if table else [key]


def _table(info: FieldInfo) -> type[BaseModel] | None:
    """The table that a key holds, if it does."""
    kinds = (info.annotation, *getattr(info.annotation, "__args__", ()))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _where(key: Key) -> str:
    table = f"[{'.'.join(key[:-1])}]"
    return f"add {key[-1]} = … to {table}" if len(key) > 1 else f"add the table [{key[0]}]"


def _known_keys(key: Key, model: type[BaseModel]) -> list[str]:
    for name in key[:-1]:
        model = _table(model.model_fields[name]) or model
    known = [field.alias or name for name, field in model.model_fields.items()]
    return [*known, *fax.names()] if key[:-1] == ("fax",) else known


def place_of(text: str, key: Key) -> Location:
    """Where a key stands. tomllib keeps no positions; tables and keys stand at a line's start."""
    table: tuple[str, ...] = ()
    nearest = Location()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
            table = tuple(header[1].split("."))
            if table == key:
                return Location(number, header.start(1) + 1)
            if table == key[: len(table)]:
                nearest = Location(number, header.start(1) + 1)
            continue
        for word in re.finditer(r"(?:^|;|\{|,)\s*([\w.\-]+)\s*=", line):
            if (*table, *word[1].split(".")) == key:
                return Location(number, word.start(1) + 1)
    return nearest
