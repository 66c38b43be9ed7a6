"""The JSON Schema of recipients.yaml: what an editor can say while somebody types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
from click.testing import CliRunner

from faxappeal.campaign import json_schema
from tests.support.campaigns import ROOT

CASES = ROOT / "tests/unit/checks/lists"
SCHEMA = ROOT / json_schema.FILE
# what a schema cannot say: two values together, the day, an alphabet, a numbering plan
BEYOND_A_SCHEMA = {
    "active-evidence",
    "comment-in-value",
    "duplicate-address",
    "invisible-character",
    "number-country",
    "number-length",
    "stale",
    "unquoted-value",
    "verified-in-future",
}
VALID_BY_PATTERN = {"E07", "E11", "E12", "E13", "E16", "E17", "F14", "F15", "F17", "F19", "F23"}


def is_valid(*paths: Path) -> bool:
    """By the validator that editors and CI use."""
    command = [str(word) for word in ("--schemafile", SCHEMA, *paths)]
    return CliRunner().invoke(check_jsonschema.main, command).exit_code == 0


def test_the_file_in_the_repository_is_this_schema() -> None:
    assert json_schema.text() == SCHEMA.read_text(encoding="utf-8")
    assert json.loads(json_schema.text()) == json_schema.schema()


def test_the_schema_accepts_what_is_good() -> None:
    good = [*CASES.glob("good/*.yaml")]
    assert good and is_valid(ROOT / "recipients.yaml", *good)


@pytest.mark.parametrize("path", sorted(CASES.glob("bad/*.yaml")), ids=lambda path: path.stem)
def test_the_schema_refuses_what_a_schema_can(path: Path) -> None:
    case, rule, *_ = path.stem.split(".")
    beyond = rule in BEYOND_A_SCHEMA or case in VALID_BY_PATTERN
    # an ESC byte is no YAML, and a number without quotes is no text
    assert is_valid(path) == (beyond and case not in ("R02", "R28"))


GOOD: dict[str, Any] = {"id": "one", "name": "Office", "country": "US", "source": "letterhead"}
FAX = {"fax": "+1 202 555 0101"}
EMAIL = {"email": "office@example.org"}


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        pytest.param(GOOD | FAX, True, id="a fax"),
        pytest.param(GOOD | EMAIL, True, id="an e-mail address"),
        pytest.param(GOOD | FAX | EMAIL, True, id="both"),
        pytest.param(GOOD, False, id="neither"),
        pytest.param(
            GOOD | {"fax": {"number": "+1 202 555 0101", "status": "retired"}}, True, id="a mapping"
        ),
        pytest.param(GOOD | {"fax": {"status": "retired"}}, False, id="a mapping without a number"),
        pytest.param(GOOD | {"fax": {"address": "a@example.org"}}, False, id="an address as a fax"),
        pytest.param(GOOD | {"fax": "202 555 0101"}, False, id="a number of the country alone"),
        pytest.param(GOOD | {"email": "office"}, False, id="an address without a domain"),
        pytest.param(GOOD | FAX | {"stauts": "active"}, False, id="a misspelt key"),
        pytest.param(GOOD | FAX | {"status": "actve"}, False, id="a misspelt status"),
        pytest.param(GOOD | FAX | {"role": "bcc"}, False, id="an unknown role"),
        pytest.param(GOOD | FAX | {"office": None}, False, id="nothing behind a key"),
        pytest.param(GOOD | FAX | {"id": "Office One"}, False, id="an id with capitals"),
    ],
)
def test_an_entry_as_an_editor_sees_it(tmp_path: Path, entry: dict[str, Any], valid: bool) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"recipients": [entry]}))
    assert is_valid(path) is valid


def test_each_key_tells_an_editor_what_it_is() -> None:
    kinds = json_schema.schema()["$defs"]
    for kind in ("Recipient", "FaxContact", "EmailContact"):
        assert all(each["description"] for each in kinds[kind]["properties"].values())
