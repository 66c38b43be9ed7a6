"""pydantic's errors of an entry in our words, at the lines where they are."""

from __future__ import annotations

import re
from functools import reduce
from operator import getitem

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ..core.text import guess_hint, show
from .recipient_keys import EmailContact, Entry, FaxContact
from .yaml_reader import Key, YamlText


def add_shape_error(details: ErrorDetails, base: Key, yaml: YamlText) -> None:
    """Add a pydantic error of the entry at `base` to the findings, in our words."""
    loc = (*base, *details["loc"])
    name = loc[-1] if isinstance(loc[-1], str) else "a recipient"
    kind = details["type"]
    place, rule = yaml.place(*loc), "bad-value"
    words = re.sub(r"^(Value error, |String )", "", details["msg"]).lower()
    message, hint = f"{name}: {words}", ""
    if kind == "missing":
        place, rule = yaml.place(*loc[:-1]), "missing-key"
        message, hint = f"{name} is missing", f"add {name}: …"
    elif kind == "extra_forbidden":
        place, rule = yaml.key_place(*loc), "unknown-key"
        message, hint = f"unknown key {show(name)}", guess_hint(name, _known_keys(loc))
    elif kind == "literal_error":
        choice = re.findall(r"'(\w+)'", details["ctx"]["expected"])
        *first, last = (f"'{word}'" for word in choice)
        message = f"{name} must be {', '.join(first)} or {last}"
        hint = guess_hint(str(reduce(getitem, loc, yaml.data)), choice)
    elif kind.startswith("date"):
        message, hint = f"{name} is not a date", "write it as 2026-11-01"
    elif kind == "string_pattern_mismatch":
        message, hint = f"{name}: not in the right form", _FORMS.get(name, "")
    elif kind in ("string_type", "model_type", "model_attributes_type"):
        message = f"{name} must be {'a text' if kind == 'string_type' else 'a mapping'}"
    yaml.findings.error(place, rule, message, hint)


_FORMS = {
    "id": "small letters, digits and hyphens: state-council",
    "country": "two capital letters of ISO 3166-1: CN",
    "language": "a language tag of BCP 47: en or zh-Hans",
}


def _known_keys(loc: Key) -> list[str]:
    models: dict[str, type[BaseModel]] = {"fax": FaxContact, "email": EmailContact}
    return list(models.get(str(loc[-2]), Entry).model_fields)
