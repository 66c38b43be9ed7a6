"""A document that lies fails the build."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from faxappeal.cli.app import app
from faxappeal.core.errors import ExitCode
from faxappeal.core.lifecycle import TRANSITIONS, Cause, State
from faxappeal.delivery.retry import POLICIES
from faxappeal.report.glossary import EVENTS
from tests.cli.test_init import fill
from tests.support.campaigns import ROOT, run
from tests.support.clock import FakeClock
from tests.support.fakes import sinch

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


TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")


def test_the_tutorial_is_what_happens(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From `init` to the proof, with an account on this machine."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock.sleep(3 * 3600)
    done, folder = [], tmp_path
    with sinch.sinch() as account:
        for command in commands_in(TUTORIAL):
            if "--version" in command:
                continue
            answers = ["--account", "sinch", "--mail-server", "none"] if "init" in command else []
            words = [*command.split()[1:], *answers, *(["--yes"] if "send" in command else [])]
            ended = run(*words, folder=folder)
            done.append(words[0])
            if done == ["init"]:
                folder = tmp_path / "my-campaign"
            elif done == ["init", "check"]:
                assert ended.code == 1 and "FILL IN" not in ended.out
                _fill_in(folder, sinch.settings(account))
                assert "0 errors" in run("check", folder=folder).out
            elif words == ["accounts"]:  # the test's clock is not that of the server
                assert "ok  credentials: accepted" in ended.out
            else:
                assert ended.code == 0, (command, ended)
        assert [fax["to"] for fax in account.faxes] == ["+493023125013", "+493023125012"]
    assert done == [
        *("init", "check", "preview", "send", "verify", "accounts", "send", "send", "status"),
        "report",
    ]
    assert "delivered" in (folder / "proof.html").read_text(encoding="utf-8")


def _fill_in(folder: Path, account: str) -> None:
    fill(folder)
    path = folder / "faxappeal.toml"
    text = path.read_text(encoding="utf-8")
    before, _, after = text.partition("\n[fax]\n")
    own = before.replace('# fax = "+49 30 23125 013"', 'fax = "+49 30 23125 013"')
    pacing = after[after.index("[pacing]") :]
    path.write_text(f"{own}\n{account}\n{pacing}", encoding="utf-8")


WRITTEN = [
    (page.name, line)
    for page in (ROOT / "README.md", *PAGES)
    for text in [page.read_text(encoding="utf-8")]
    for line in (*commands_in(text), *re.findall(r"`(faxappeal [a-z-][^`]*)`", text))
    if not re.search(r"[|…<>]|COMMAND|--help", line)
]


@pytest.mark.parametrize(("page", "line"), sorted(set(WRITTEN)))
def test_every_command_that_is_written_somewhere_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    if words[0] == "-C":
        words = words[2:]
    group = get_command(app)
    if words == ["--version"]:
        return
    command = group.commands[words[0]]  # type: ignore[attr-defined]
    if words[1:]:  # else it only names it
        command.make_context(words[0], words[1:])


def test_the_pictures_of_the_terminal_are_what_it_shows() -> None:
    for name, drawn in load(ROOT / "docs/pictures/screens.py").screens():
        shown = (ROOT / f"docs/pictures/{name}.svg").read_text(encoding="utf-8")
        assert shown == drawn, f"make pictures: {name}.svg"
        assert "http" not in shown.replace("http://www.w3.org", ""), "it loads nothing"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "mkdocs"
    done = subprocess.run(
        [program, "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    assert (tmp_path / "site/reference/commands/index.html").exists()
    named = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.relative_to(ROOT / "docs").as_posix() in named, "in the navigation"


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
    from faxappeal.config.sections import Pacing
    from faxappeal.delivery.retry import AFTER_TWO

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
        **dict.fromkeys((Cause.BUSY, Cause.LINE, Cause.OFFLINE), 5),
        **dict.fromkeys((Cause.NO_ANSWER, Cause.PROVIDER), 15),
    }
    live = (ROOT / "src/faxappeal/output/progress.py").read_text(encoding="utf-8")
    for shown in ("Nothing can go before", "Leave this running, or stop it (Ctrl-C) and leave it"):
        assert shown in text and shown in live
    for words in ("dropped | after 5 minutes", "trouble | after 15 minutes", "after an hour"):
        assert words in text
    assert AFTER_TWO.total_seconds() == 3600


def test_every_state_and_cause_is_documented() -> None:
    text = (ROOT / "docs/reference/states.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| `([\w-]+)` \|", text, re.M)
    assert words == [*State, *TRANSITIONS, *Cause, *EVENTS]
    assert set(POLICIES) == set(Cause)


def test_links_between_documents_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *PAGES):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_page_of_checks_is_as_the_rules_have_it() -> None:
    page = load(ROOT / "docs/checks.py")
    assert page.PAGE.read_text(encoding="utf-8") == page.written(), "make docs: checks.md"


def test_the_page_of_commands_and_the_manual_are_as_the_program_has_them() -> None:
    page = load(ROOT / "docs/commands.py")
    assert page.PAGE.read_text(encoding="utf-8") == page.written(), "make docs: commands.md"
    assert page.MANUAL.read_text(encoding="utf-8") == page.manual(), "make docs: faxappeal.1"
    for command in get_command(app).commands.values():  # type: ignore[attr-defined]
        assert "\n\nExample: faxappeal " in command.help


def test_the_tables_of_accounts_are_as_the_accounts_have_them() -> None:
    tables = load(ROOT / "docs/tables.py")
    marked = 0
    for page in tables.pages():
        text = page.read_text(encoding="utf-8")
        assert text == tables.written(page), f"make docs: {page.name}"
        marked += text.count(": make docs -->")
    assert marked == len(tables.TABLES)


def test_every_account_has_a_page() -> None:
    from faxappeal.providers import fax

    for name in (*fax.names(), "smtp"):
        page = ROOT / "docs/how-to/accounts" / f"{name}.md"
        assert f'account = "{name}"' in page.read_text(encoding="utf-8"), name


def test_what_a_new_account_needs_is_what_a_channel_is() -> None:
    from faxappeal.providers.base import Cancelling, Channel
    from faxappeal.providers.fax import FaxAccount

    text = (ROOT / "docs/how-to/adding-an-account.md").read_text(encoding="utf-8")
    for protocol in (Channel, Cancelling, FaxAccount):
        methods = [name for name in vars(protocol) if callable(getattr(protocol, name))]
        for name in (*protocol.__annotations__, *methods):
            assert name.startswith(("_", "model_")) or f"`{name}" in text, name


PACKAGE = ROOT / "src/faxappeal"
ARCHITECTURE = ROOT / "docs/explanation/architecture.md"
FOR_DEVELOPERS = (
    ARCHITECTURE,
    ROOT / "docs/how-to/adding-an-account.md",
    ROOT / "CONTRIBUTING.md",
)


@pytest.mark.parametrize("page", FOR_DEVELOPERS, ids=lambda page: page.stem)
def test_every_path_in_the_pages_for_developers_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text))
    assert any(path.endswith(".py") for path in paths)
    for path in paths:
        shown = path if path[-1] == "/" else re.sub(r"[A-Z]{3,}[.\w]*$", "", path)
        assert (ROOT / shown).exists() or (PACKAGE / shown).exists(), path


def test_the_architecture_names_every_folder() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    for path in PACKAGE.rglob("*"):
        if path.is_dir() and path.name != "__pycache__":
            folder = path.relative_to(PACKAGE).as_posix()
            assert f"### {folder}\n" in text or f"`{folder}" in text, folder


def test_the_picture_of_the_folders_has_the_layers_of_the_contract() -> None:
    picture = re.search(r"```text\n(.*?)```", ARCHITECTURE.read_text(encoding="utf-8"), re.S)
    assert picture
    drawn = re.findall(r"^ +([a-z]+(?: · [a-z]+)?) {3}", picture[1], re.M)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [layers] = [
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    assert drawn == [re.sub(" [:|] ", " · ", layer) for layer in layers]


def test_every_environment_variable_in_the_docs_exists() -> None:
    from faxappeal.campaign.settings import _model
    from faxappeal.providers import fax

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
    for command in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"faxappeal {command}" in README, command


def test_the_text_says_plainly_that_twilio_no_longer_faxes() -> None:
    assert "**Twilio no longer sends faxes.**" in README and "17 December 2021" in README
