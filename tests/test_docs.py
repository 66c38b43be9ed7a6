"""A document that lies fails the build."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from faxappeal import cli
from faxappeal.channels import Cause
from faxappeal.errors import ExitCode
from faxappeal.ledger.records import State
from faxappeal.meanings import EVENTS
from faxappeal.retry import POLICIES
from tests.campaigns import ROOT, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(ROOT.glob("docs/**/*.md"))


@pytest.mark.usefixtures("clock")
def test_the_readme_shows_what_the_program_prints(sample: Path) -> None:
    printed = run("send", "--dry-run", folder=sample).out
    match = re.search(
        r"<!-- the output of: faxappeal send --dry-run -->\n```text\n(.*?)```", README, re.S
    )
    assert match and match[1] == printed


def load(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location("make_pictures", path)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def commands_in(text: str) -> list[str]:
    return [line[2:] for line in text.splitlines() if line.startswith("$ faxappeal")]


@pytest.mark.usefixtures("clock")
def test_the_commands_of_the_readme_run(sample: Path, tmp_path: Path) -> None:
    for command in commands_in(README):
        words = [str(tmp_path / word) if word == "look" else word for word in command.split()[1:]]
        ended = run(*words, folder=sample)
        assert ended.code in (0, 3), (command, ended)


def test_every_extra_with_a_font_is_documented() -> None:
    from faxappeal.documents.fonts import FONTS

    text = (ROOT / "docs/explanation/the-page.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in ("cjk", *(font.extra for font in FONTS if font.extra)):
        assert f"faxappeal[{extra}]" in text and extra in project["optional-dependencies"]


def test_every_exit_code_is_documented() -> None:
    text = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)] == list(ExitCode)


def test_when_letters_leave_is_as_the_program_has_it() -> None:
    from faxappeal.retry import AFTER_TWO
    from faxappeal.sections import Pacing

    text = (ROOT / "docs/how-to/when-letters-leave.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", text, re.S)
    assert block and Pacing(**tomllib.loads(block[1])["pacing"]) == Pacing()
    assert set(tomllib.loads(block[1])["pacing"]) == set(Pacing.model_fields)
    minutes = {
        cause: int(policy.wait.total_seconds() // 60)
        for cause, policy in POLICIES.items()
        if policy.wait
    }
    assert minutes == {
        **dict.fromkeys((Cause.BUSY, Cause.LINE), 5),
        **dict.fromkeys((Cause.NO_ANSWER, Cause.PROVIDER), 15),
    }
    live = (ROOT / "src/faxappeal/console/live.py").read_text(encoding="utf-8")
    for shown in ("Nothing can go before", "Leave this running, or stop it (Ctrl-C) and leave it"):
        assert shown in text and shown in live
    for words in ("dropped | after 5 minutes", "trouble | after 15 minutes", "after an hour"):
        assert words in text
    assert AFTER_TWO.total_seconds() == 3600


def test_every_state_and_cause_is_documented() -> None:
    text = (ROOT / "docs/reference/states.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| `([\w-]+)` \|", text, re.M)
    assert words == [*State.__args__, *Cause, *EVENTS]  # type: ignore[attr-defined]
    assert set(POLICIES) == set(Cause)


def test_links_between_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *PAGES):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_page_of_checks_is_as_the_rules_have_it() -> None:
    page = load(ROOT / "docs/checks.py")
    assert page.PAGE.read_text(encoding="utf-8") == page.written(), "make docs: checks.md"


def test_the_page_of_commands_and_the_manual_are_as_the_program_has_them() -> None:
    page = load(ROOT / "docs/commands.py")
    assert page.PAGE.read_text(encoding="utf-8") == page.written(), "make docs: commands.md"
    assert page.MANUAL.read_text(encoding="utf-8") == page.manual(), "make docs: faxappeal.1"
    for command in get_command(cli.app).commands.values():  # type: ignore[attr-defined]
        assert "\n\nExample: faxappeal " in command.help
            "\n\nEx", "\n\n    Ex"
        )


def test_the_tables_of_accounts_are_as_the_accounts_have_them() -> None:
    tables = load(ROOT / "docs/tables.py")
    marked = 0
    for page in tables.pages():
        text = page.read_text(encoding="utf-8")
        assert text == tables.written(page), f"make docs: {page.name}"
        marked += text.count(": make docs -->")
    assert marked == len(tables.TABLES)


def test_every_account_has_a_page() -> None:
    from faxappeal.channels import fax

    for name in (*fax.names(), "smtp"):
        page = ROOT / "docs/how-to/accounts" / f"{name}.md"
        assert f'account = "{name}"' in page.read_text(encoding="utf-8"), name


def test_what_a_new_account_needs_is_what_a_channel_is() -> None:
    from faxappeal.channels import Channel

    text = (ROOT / "docs/how-to/adding-an-account.md").read_text(encoding="utf-8")
    for name in (*Channel.__annotations__, "submit", "find", "forget", "check"):
        assert name == "name" or f"`{name}`" in text, name


def test_every_environment_variable_in_the_docs_exists() -> None:
    from faxappeal.channels import fax
    from faxappeal.settings import _model

    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name in set(re.findall(r"FAXAPPEAL_(\w+)", text)):
        model: object = _model(fax.names())
        for part in name.lower().split("__"):
            fields = model.model_fields  # type: ignore[attr-defined]
            field = fields.get(part) or fields.get(f"{part}_")
            assert field is not None, name
            kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
            model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)


def test_every_command_is_in_the_readme() -> None:
    for command in get_command(cli.app).commands:  # type: ignore[attr-defined]
        assert f"faxappeal {command}" in README, command


def test_the_text_says_plainly_that_twilio_no_longer_faxes() -> None:
    assert "**Twilio no longer sends faxes.**" in README and "17 December 2021" in README
