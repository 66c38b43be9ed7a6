"""pydantic's errors of an entry in our words, at the lines where they are."""

from __future__ import annotations

import re

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ..core.finding import Finding
from ..core.text import did_you_mean, show
from . import yaml_reader
from .recipient_model import EmailContact, Entry, FaxContact


def shape_finding(
    details: ErrorDetails, base: yaml_reader.Key, yaml: yaml_reader.YamlText, path: str
) -> Finding:
    """A pydantic error in our words, at the line where it stands."""
    loc = (*base, *details["loc"])
    name = loc[-1] if isinstance(loc[-1], str) else "a recipient"
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "missing":
        return Finding(
            path,
            yaml.place(*loc[:-1]),
            "error",
            "missing-key",
            f"{name} is missing",
            f"add {name}: …",
        )
    if kind == "extra_forbidden":
        guess = did_you_mean(name, _known_keys(loc))
        hint = f"did you mean {guess}?" if guess else ""
        return Finding(
            path, yaml.key_place(*loc), "error", "unknown-key", f"unknown key {show(name)}", hint
        )
    message, hint = f"{name}: {_words(details['msg'])}", ""
    if kind == "literal_error":
        words = re.findall(r"'(\w+)'", context["expected"])
        guess = did_you_mean(_said(yaml, loc), words)
        *first, last = (f"'{word}'" for word in words)
        message = f"{name} must be {', '.join(first)} or {last}"
        hint = f"did you mean {guess}?" if guess else ""
    elif kind.startswith("date"):
        message, hint = f"{name} is not a date", "write it as 2026-11-01"
    elif kind == "string_pattern_mismatch":
        message, hint = f"{name}: not in the right form", _FORMS.get(name, "")
    elif kind in ("string_type", "model_type", "model_attributes_type"):
        message = f"{name} must be {'a text' if kind == 'string_type' else 'a mapping'}"
    return Finding(path, yaml.place(*loc), "error", "bad-value", message, hint)


_FORMS = {
    "id": "small letters, digits and hyphens: state-council",
    "country": "two capital letters of ISO 3166-1: CN",
    "language": "a language tag of BCP 47: en or zh-Hans",
}


def _said(yaml: yaml_reader.YamlText, loc: yaml_reader.Key) -> str:
    """What stands at a key."""
    value = yaml.data
    for part in loc:
        value = value[part]
    return str(value)


def _known_keys(loc: yaml_reader.Key) -> list[str]:
    models: dict[str, type[BaseModel]] = {"fax": FaxContact, "email": EmailContact}
    return list(models.get(str(loc[-2]), Entry).model_fields)


def _words(message: str) -> str:
    return re.sub(r"^(Value error, |String )", "", message).lower()
