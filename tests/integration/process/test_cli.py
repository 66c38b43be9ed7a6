"""The program as a process: its outputs, signals, limits and questions."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.campaigns import write
from tests.support.terminal import send_and_answer


def test_brackets_in_a_name_are_printed_on_a_terminal(tmp_path: Path) -> None:
    folder = write(tmp_path)
    path = folder / "recipients.yaml"
    path.write_text(
        path.read_text().replace("name: Office one", 'name: "[/red] :warning: [c/o] X"')
    )
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, "-m", "faxappeal", "-C", folder, "send", "--dry-run"],
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        env=environment | {"TERM": "xterm-256color"},
        check=False,
    )
    os.close(theirs)
    shown = io.BytesIO()
    try:
        while chunk := os.read(ours, 4096):
            shown.write(chunk)
    except OSError:
        pass
    os.close(ours)
    assert done.returncode == 0
    assert b"[/red] :warning: [c/o] X" in shown.getvalue()
    assert b"\x1b[" in shown.getvalue(), "in colour"


def test_the_program_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "faxappeal", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("faxappeal ")


def test_ctrl_c_stops_between_two_steps_and_says_how_to_go_on(tmp_path: Path) -> None:
    """The account is dead, so `send` waits; a signal ends the wait and nothing else."""
    folder = write(
        tmp_path,
        ["one office@example.org"],
        settings='\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nport = 9\n',
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "faxappeal", "-C", folder, "send", "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "waiting (offline)" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "1 letter has NOT left." in out
    assert err.endswith("Hint: the same command goes on where it stopped\n")


def test_the_question_is_asked_on_a_terminal_and_no_means_no(tmp_path: Path) -> None:
    code, shown = send_and_answer(write(tmp_path), b"Send 1 letter? [y/N]", b"n")
    assert code == 3
    after = shown.rpartition("[y/N]")[2]
    assert "1 letter has NOT left." in after
    assert "goes" not in after and "cron" not in after


@pytest.mark.parametrize("words", ["hunter2", "401 for https://AC123:hunter2@api.example/"])
def test_our_own_mistake_is_one_sentence(tmp_path: Path, words: str) -> None:  # K05, K06
    script = (
        "import sys; sys.argv = ['faxappeal', 'log']\n"
        "from faxappeal.cli import app as cli\n"
        "from faxappeal.commands import log\n"
        f"def broken(*_, **__): secret = {words!r}; raise RuntimeError(secret)\n"
        "log.log = broken\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 5
    assert done.stderr.startswith("Error: faxappeal made a mistake: RuntimeError at ")
    assert "Traceback" not in done.stderr and "hunter2" not in done.stderr


def shell(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program with these words and redirections."""
    command = f"{sys.executable} -m faxappeal {words}"
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["check", "check --json", "status", "privacy", "--help"])
def test_an_output_that_cannot_be_written_is_said(tmp_path: Path, words: str) -> None:
    ended = shell(f"{words} > /dev/full", write(tmp_path))
    assert ended.returncode == 5 and len(ended.stderr.splitlines()) == 2
    assert ended.stderr.startswith("Error: the output cannot be written: No space left on device.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("words", "code"), [("check", 1), ("nonsense", 5), ("-C nowhere check", 5)]
)
def test_errors_that_cannot_be_written_leave_an_exit_code(
    tmp_path: Path, words: str, code: int
) -> None:
    assert shell(f"{words} 2> /dev/full", write(tmp_path)).returncode == code


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes streams on POSIX")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("check", 1), ("--version", 0), ("nonsense", 2)])
def test_a_closed_stream_changes_no_exit_code(
    tmp_path: Path, words: str, code: int, closed: str
) -> None:
    ended = shell(f"{words} {closed}", write(tmp_path))
    assert ended.returncode == code and "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of a POSIX shell")
@pytest.mark.parametrize("words", ["check", "--help", "status"])
def test_a_reader_who_has_seen_enough_gets_no_traceback(tmp_path: Path, words: str) -> None:
    ended = shell(f"{words} | true; exit ${{PIPESTATUS[0]}}", write(tmp_path))
    assert ended.returncode in (0, 1) and not ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on files is POSIX")
def test_where_the_disk_is_full_no_half_page_stays(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the full disk."""
    program = (
        "import resource, sys; from faxappeal.cli.app import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_500, 2_500))\n"
        "sys.argv = ['faxappeal', 'preview', '--out', 'look']; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=write(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: cannot write look/one-fax.tif: File too large.\nHint: ")
    assert list((tmp_path / "look").iterdir()) == []
