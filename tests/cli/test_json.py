"""The JSON of every command: its envelope, and that docs/reference/json.md has each key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from faxappeal.cli.app import app
from faxappeal.commands.accounts import AccountsResult
from faxappeal.commands.check import CheckResult
from faxappeal.commands.init import InitResult
from faxappeal.commands.log import LogResult
from faxappeal.commands.plan_rows import SendResult, StatusResult
from faxappeal.commands.preview import PreviewResult
from faxappeal.commands.privacy import PrivacyResult
from faxappeal.commands.purge import PurgeResult
from faxappeal.commands.resolve import ResolveResult
from faxappeal.commands.verify import VerifyResult
from faxappeal.commands.verify_call import CheckCallResult
from faxappeal.commands.verify_lookup import LookupResult
from faxappeal.core.finding import Finding
from faxappeal.core.json import adapter
from faxappeal.ledger import Event
from faxappeal.report.glossary import LABELS
from faxappeal.report.model import Report
from tests.support.campaigns import ROOT, Ended, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts, sinch

PAGE = (ROOT / "docs/reference/json.md").read_text(encoding="utf-8")
FATES = fax_accounts()["sinch"].FATES
OTHERS = ("schema", "worker")  # a JSON Schema; events, see docs/how-to/many-machines.md
# their keys are states, or the log's
OPEN = ("rehearsals", "states", "letters[].facts", "letters[].history[].facts")
WHOLE = (*OPEN, "busiest_line")  # described in one line
SENDER = ("name", "organisation", "phone", "email")


def documented() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for head, body in re.findall(r"^## ([a-z, ]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S):
        for command in head.split(", "):
            found[command] = set(re.findall(r"^\| `([^`]+)` \|", body, re.M))
    return found


def paths(value: Any, at: str = "") -> Iterator[str]:
    """The paths to whatever is no object and no list of objects."""
    if isinstance(value, dict) and value and at not in OPEN:
        for key, below in value.items():
            yield from paths(below, f"{at}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for below in value:
            yield from paths(below, f"{at}[]")
    elif value != {} or at in OPEN:
        yield at


@pytest.fixture
def printed_json(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What each command printed, in a campaign's life."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(7 * 3600)
    found: dict[str, Any] = {}

    def run_json(*words: str) -> Ended:
        ended = run(*words, "--json", folder=folder)
        found[words[0]] = ended.lines if words[0] == "log" else ended.json
        return ended

    recipients = ["one +12025550101", "two +12025550102"]
    with sinch.sinch() as account:
        account.endings["0102"] = FATES["after a page"]
        folder = write(tmp_path / "c", recipients, settings=sinch.settings(account))
        for words in (["init", "new"], ["accounts"], ["preview"], ["send", "--yes", "--no-wait"]):
            run_json(*words)
        for _ in range(2):
            clock.sleep(20)
            run_json("status")
        run_json("log")
        run_json("report")
        [two] = {line["delivery"] for line in found["log"] if line["recipient"] == "two"}
        run_json("resolve", two, "delivered")
        run_json("verify", "one", "--method", "call")
        (folder / "letter.j2").write_text("---\nsubject: x\n---\n{{ nobody }}\n")
        run_json("check")
        run_json("privacy")
        clock.sleep(40 * 24 * 3600)
        run_json("purge")
    return found


RESULTS: dict[str, type] = {
    "init": InitResult,
    "check": CheckResult,
    "preview": PreviewResult,
    "send": SendResult,
    "status": StatusResult,
    "log": LogResult,
    "report": Report,
    "resolve": ResolveResult,
    "verify": VerifyResult,
    "accounts": AccountsResult,
    "purge": PurgeResult,
    "privacy": PrivacyResult,
}


def declared(result: type) -> set[str]:
    """The paths that the schema of a result's type has."""
    schema = adapter(result).json_schema(mode="serialization")

    def below(node: dict[str, Any], at: str) -> Iterator[str]:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        if at not in WHOLE and "items" in node and {"$ref"} & node["items"].keys():
            yield from below(node["items"], f"{at}[]")
        elif at not in WHOLE and "properties" in node:
            for name, value in node["properties"].items():
                yield from below(value, f"{at}.{name}".lstrip("."))
        else:
            yield at

    return set(below(schema, ""))


@pytest.mark.parametrize("command", sorted(RESULTS))
def test_each_key_of_the_types_is_documented(command: str) -> None:
    found = declared(RESULTS[command])
    if command == "log":  # its lines are the events
        found = declared(Event)
    if command == "check":
        keys = {name.removeprefix("place.") for name in declared(Finding)}
        found = found - {"findings"} | {f"findings[].{name}" for name in keys}
    if command == "report":
        found = found - {"sender"} | {f"sender.{name}" for name in SENDER}
    assert found == documented()[command]


def test_each_key_that_is_printed_is_documented(printed_json: dict[str, Any]) -> None:
    for command, keys in documented().items():
        printed = printed_json[command]
        data = printed if command == "log" else [printed["data"]]
        found = {path for part in data for path in paths(part)}
        assert found - {"mail"} <= keys, command
        missing = {key for key in keys - found if not key.startswith("mail[]")}
        assert missing <= {"sender.organisation"}, command  # the sender has none


@pytest.mark.parametrize(
    ("option", "result"), [("lookup", LookupResult), ("call", CheckCallResult)]
)
def test_keys_of_checks_by_twilio_are_documented(option: str, result: type) -> None:
    [words] = re.findall(rf"With `--{option}`: (.*?)\.(?: With|\n\n)", PAGE, re.S)
    without_notes = re.sub(r"\([^)]*\)", "", words)
    assert set(re.findall(r"\w+", without_notes)) - {"and"} == declared(result)


def test_every_command_is_in_it() -> None:
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert set(documented()) == commands - set(OTHERS)


def test_facts_have_the_keys_of_the_log(printed_json: dict[str, Any]) -> None:
    for letter in printed_json["report"]["data"]["letters"]:
        for facts in (letter["facts"], *(step["facts"] for step in letter["history"])):
            assert set(facts) <= documented()["log"] | {"attempts", "content"} & set(LABELS)


def test_the_envelope_is_version_1(printed_json: dict[str, Any]) -> None:
    for command, printed in printed_json.items():
        if command != "log":
            assert set(printed) == {"faxappeal", "command", "status", "data", "errors"}
            assert (printed["faxappeal"], printed["command"]) == (1, command)
    assert printed_json["send"]["status"] == "partial"


@pytest.mark.parametrize("command", sorted(documented()))
def test_an_error_is_an_object_as_well(tmp_path: Path, command: str) -> None:
    """In a folder that is no campaign; `init` in one that is."""
    if command == "init":
        write(tmp_path)
    words = {"resolve": ["x", "delivered"], "verify": ["x", "--method", "call"]}.get(command, [])
    ended = run(command, "--json", *words, folder=tmp_path)
    if command in ("purge", "privacy"):
        assert ended.code == 0, "there is one ledger for all campaigns"
        return
    assert ended.code == 2
    printed = ended.json
    assert (printed["command"], printed["status"], printed["data"]) == (command, "error", {})
    [error] = printed["errors"]
    assert set(error) == {"code", "message", "hint"} and error["code"] == "usage"
