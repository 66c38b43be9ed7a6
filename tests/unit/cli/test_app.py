"""The program's entrance: help, the folder to start in, and what it says at its very end."""

from __future__ import annotations

import errno
import gc
import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from faxappeal import __version__
from faxappeal.cli.app import app, main
from faxappeal.core.errors import SetupError
from tests.support.campaigns import run, write

COMMANDS = (
    *("init", "check", "schema", "preview", "verify"),
    *("accounts", "send", "worker", "status", "resolve"),
    *("log", "report", "purge", "privacy"),
)


# -- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_an_example(command: str, option: str) -> None:
    ended = run(command, option)
    assert ended.code == 0
    # the example may name a folder first
    assert re.search(rf"Example: faxappeal (-C \S+ )?{command}\b", ended.out)


def test_help_names_each_command_in_the_order_of_the_work() -> None:
    _, _, listed = run("--help").out.partition("Commands:\n")
    assert tuple(re.findall(r"^  (\w+)", listed, re.M)) == COMMANDS


def test_help_cuts_no_sentence() -> None:
    assert "..." not in run("--help").out.replace("COMMAND [ARGS]...", "")


def test_without_a_command_it_shows_the_help() -> None:
    ended = run()
    assert ended.code == 2 and "Usage: faxappeal" in ended.out + ended.err


def test_the_version_is_said_without_a_command() -> None:
    ended = run("--version")
    assert (ended.code, ended.out) == (0, f"faxappeal {__version__}\n")


def test_a_bug_shows_no_local_variables() -> None:
    assert app.pretty_exceptions_enable is False
    assert app.pretty_exceptions_show_locals is False


# -- the folder ------------------------------------------------------------------------------------


def test_a_command_runs_in_the_folder_that_it_is_given(tmp_path: Path) -> None:
    ended = run("log", folder=write(tmp_path / "campaign"))
    assert (ended.code, ended.out) == (0, "Nothing was sent yet of test.\n")


@pytest.mark.parametrize(
    ("name", "why"), [("none", "No such file or directory"), ("file", "Not a directory")]
)
def test_a_folder_that_cannot_be_entered_is_said(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").write_text("x")
    ended = run("check", folder=tmp_path / name)
    assert ended.code == 2
    assert ended.err == f"Error: cannot go to {tmp_path / name}: {why}.\n"


# -- the program's end -----------------------------------------------------------------------------


class Broken(io.StringIO):
    """A stream that cannot be written; with `is_late`, only once it is flushed."""

    def __init__(self, number: int, *, is_late: bool = False) -> None:
        super().__init__()
        self.number, self.is_late = number, is_late

    def write(self, words: str, /) -> int:
        return super().write(words) if self.is_late else self._fail()

    def flush(self) -> None:
        if self.is_late:
            self._fail()

    def _fail(self) -> int:
        raise OSError(self.number, os.strerror(self.number))


@dataclass
class Program:
    """`faxappeal privacy` through `main`, which leaves this process as it was."""

    patch: pytest.MonkeyPatch
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def run(self) -> object:
        """Its exit code."""
        self.patch.setattr(sys, "argv", ["faxappeal", "privacy"])
        self.patch.setattr(sys, "stdout", self.out)
        self.patch.setattr(sys, "stderr", self.err)
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code

    def fails_with(self, error: Exception) -> None:
        """From now on the command raises this."""

        def broken(_folder: Path) -> None:
            raise error

        self.patch.setattr("faxappeal.commands.privacy.privacy", broken)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    write(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setenv("PYDANTIC_DISABLE_PLUGINS", "")
        yield Program(patch)
    gc.unfreeze()
    gc.enable()


def test_the_program_shows_the_result_and_ends_with_its_code(program: Program) -> None:
    assert program.run() == 0
    assert program.out.getvalue().startswith("ledger ") and program.err.getvalue() == ""


def test_plugins_of_pydantic_see_nothing_unless_the_environment_wants_them(
    program: Program,
) -> None:
    program.patch.delenv("PYDANTIC_DISABLE_PLUGINS")
    program.run()
    assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__"
    program.patch.setenv("PYDANTIC_DISABLE_PLUGINS", "one")
    program.run()
    assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "one"


WHEN = pytest.mark.parametrize("is_late", [False, True], ids=["at a line", "at the end"])


@WHEN
def test_a_reader_who_has_seen_enough_gets_no_traceback(program: Program, is_late: bool) -> None:
    program.out = Broken(errno.EPIPE, is_late=is_late)
    assert program.run() == 1
    assert program.err.getvalue() == ""


@WHEN
def test_a_full_disk_behind_standard_output_is_said(program: Program, is_late: bool) -> None:
    program.out = Broken(errno.ENOSPC, is_late=is_late)
    assert program.run() == 5
    said = "Error: the output cannot be written: No space left on device.\nHint: make room"
    assert program.err.getvalue().startswith(said)


def test_our_own_mistake_is_one_sentence_without_a_value(program: Program) -> None:  # K05, K06
    program.fails_with(RuntimeError("hunter2"))
    assert program.run() == 5
    error, hint = program.err.getvalue().splitlines()
    assert error.startswith("Error: faxappeal made a mistake: RuntimeError at test_app.py:")
    assert hint.startswith("Hint: ") and "hunter2" not in program.err.getvalue()


@WHEN
@pytest.mark.parametrize(
    "error", [RuntimeError("x"), SetupError("no line")], ids=["a mistake", "an error"]
)
def test_errors_that_cannot_be_written_leave_an_exit_code(
    program: Program, error: Exception, is_late: bool
) -> None:
    program.fails_with(error)
    program.err = Broken(errno.ENOSPC, is_late=is_late)
    assert program.run() == 5


@pytest.mark.parametrize("name", ["out", "err"])
def test_a_closed_stream_changes_no_exit_code(program: Program, name: str) -> None:
    setattr(program, name, None)
    assert program.run() == 0
    getattr(sys, f"std{name}").close()
