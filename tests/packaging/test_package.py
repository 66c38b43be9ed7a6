"""The wheel and the sdist: all that the program needs is in them, and it runs from them alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.campaigns import ROOT

DATA = {path.relative_to(ROOT / "src") for path in (ROOT / "src").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two files, built from a copy of what git knows: nothing else may get into them."""
    copy = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=copy, capture_output=True, check=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def program(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, installed from the wheel beside the libraries that are here; the source is not
    in sight."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    [wheel] = built.glob("*.whl")
    python = folder / "bin" / "python"
    ours = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(ours)
    # no .pth file in there is read, so that the editable installation stays out
    Path(ours, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    script = folder / "bin" / "faxappeal"
    script.write_text(f"#!{python}\nfrom faxappeal.cli.app import main\nmain()\n")
    script.chmod(0o755)
    return script


def launch(program: Path, *words: str, folder: Path) -> str:
    """What it prints, in an environment that has nothing but a home."""
    done = subprocess.run(
        [program, *words], cwd=folder, env={"HOME": str(folder)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_has_all_of_the_package_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        files = {Path(name) for name in opened.namelist() if ".dist-info" not in name}
    names = {path for path in files if path.parts[0] == "faxappeal"}
    [beside] = files - names
    assert beside.parts[1:] == ("data", "share", "man", "man1", "faxappeal.1")
    assert names == {path for path in DATA if "__pycache__" not in path.parts}
    assert Path("faxappeal/py.typed") in names


def test_the_sdist_can_be_tested_by_whoever_gets_it(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"Makefile", "requirements.lock", "tests/support/campaigns.py", "letter.j2"} <= names
    assert "benchmarks/spandsp.py" in names
    assert not [name for name in names if name.startswith((".venv", ".servers", "outbox"))]


def test_it_runs_from_the_wheel_alone(program: Path, tmp_path: Path) -> None:
    """With no program of the system on its path."""
    where = "import faxappeal; print(faxappeal.__file__)"
    python = program.with_name("python")
    shown = subprocess.run(
        [python, "-c", where], env={}, capture_output=True, text=True, check=True
    )
    assert str(ROOT / "src") not in shown.stdout
    for name in ("recipients.yaml", "letter.j2", "faxappeal.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert "Would send: 0 of 4 letters" in launch(program, "send", "--dry-run", folder=tmp_path)
    assert len(list((tmp_path / "outbox").iterdir())) == 7
    launch(program, "report", "--html", "a.html", "--pdf", "a.pdf", folder=tmp_path)
    assert "marked FILL IN" in launch(program, "init", "new", folder=tmp_path)
    assert launch(program, "schema", folder=tmp_path).startswith("{")
    recipients_file = tmp_path / "recipients.yaml"
    recipients_file.write_text(
        recipients_file.read_text(encoding="utf-8").replace("country: CN", "country: NO", 1)
    )
    sarif = launch(program, "check", "--format", "sarif", recipients_file.name, folder=tmp_path)
    assert "Other YAML readers would not see this value as text." in sarif


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(program: Path, tmp_path: Path, shell: str) -> None:
    shown = subprocess.run(
        [program, "--show-completion", shell],
        env={"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "_FAXAPPEAL_COMPLETE" in shown.stdout, shown.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_commands_and_options(program: Path, tmp_path: Path) -> None:
    def completed(words: str) -> list[str]:
        given = words.split(" ")
        done = subprocess.run(
            [program],
            env={
                "HOME": str(tmp_path),
                "_FAXAPPEAL_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(given) - 1),
            },
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.split()

    assert sorted(completed("faxappeal re")) == ["report", "resolve"]
    assert "--dry-run" in completed("faxappeal send --d")


def test_it_runs_as_a_module(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [program.with_name("python"), "-m", "faxappeal", "--version"],
        env={**os.environ, "PYTHONPATH": ""}, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("faxappeal ")
