"""The JSON Schema of recipients.yaml (draft 2020-12), for editors: what a schema can say of it."""

from __future__ import annotations

import json
from typing import Any

from ..config.fields import NUMBER
from .recipient_keys import ADDRESS_KEYS, Entry

FILE = "recipients.schema.json"
_ADDRESS = r"^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$"


def schema() -> dict[str, Any]:
    """The schema as data."""
    made = Entry.model_json_schema()
    known = {name: _plain(part) for name, part in made.pop("$defs").items()}
    entry = _plain(made)
    for name, kind, pattern in (("fax", "FaxContact", NUMBER), ("email", "EmailContact", _ADDRESS)):
        value = known[kind]["properties"][ADDRESS_KEYS[name]]
        value["pattern"] = pattern
        contact = entry["properties"][name]
        contact.pop("$ref", None)
        contact["anyOf"] = [value, {"$ref": f"#/$defs/{kind}"}]
    entry["anyOf"] = [{"required": ["fax"]}, {"required": ["email"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "recipients.yaml of faxappeal",
        "description": "Who is written to, where, and how we know.",
        "type": "object",
        "additionalProperties": False,
        "required": ["recipients"],
        "properties": {
            "recipients": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Recipient"}}
        },
        "$defs": {"Recipient": entry, **known},
    }


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _plain(part: Any) -> Any:
    """Without what only pydantic wants: titles, defaults, and null, which no one writes."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    plain = {
        name: _plain(value)
        for name, value in part.items()
        if not (name == "title" and isinstance(value, str)) and name != "default"
    }
    kinds = plain.get("anyOf")
    if kinds and {"type": "null"} in kinds:
        [kind] = [each for each in kinds if each != {"type": "null"}]
        del plain["anyOf"]
        plain = {**kind, **plain}
    return plain
