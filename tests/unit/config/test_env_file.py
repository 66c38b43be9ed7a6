"""`.env`: who can read it, which lines say nothing, where a setting stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.config.env_file import place, problems, text_of
from faxappeal.core.errors import SetupError
from faxappeal.core.finding import Location

KEYS = (
    ("campaign", "id"),
    ("fax", "paper"),
    ("fax", "hylafax", "user"),
    ("email", "smtp", "password"),
    ("email", "smtp", "password_command"),
)


def found(text: str) -> list[tuple[str, int, str]]:
    return [(each.rule, each.place.line, each.hint) for each in problems(text, KEYS)]


def env_file(folder: Path, text: bytes = b"A=1\n", mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_bytes(text)
    path.chmod(mode)
    return path


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o610])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SetupError, match="other users of this machine") as refused:
        text_of(env_file(tmp_path, mode=mode))
    assert refused.value.hint == "chmod 600 .env"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(b"A=1\nB=2\n", "A=1\nB=2\n", id="text"),
        pytest.param("A=\u00fc\n".encode(), "A=\u00fc\n", id="UTF-8"),
        pytest.param(b"A=\xfc\n", "A=\ufffd\n", id="another encoding"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_a_file_of_ones_own_is_read(tmp_path: Path, content: bytes, text: str) -> None:
    assert text_of(env_file(tmp_path, content)) == text


@pytest.mark.parametrize("kind", ["missing", "a folder"])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ".env"
    if kind == "a folder":
        path.mkdir(mode=0o700)
    with pytest.raises(SetupError, match=r"\.env cannot be read: ") as refused:
        text_of(path)
    assert refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FAXAPPEAL_FAX__PAPER=a4\n", id="a setting"),
        pytest.param("faxappeal_fax__paper=a4\n", id="in small letters"),
        pytest.param("export FAXAPPEAL_FAX__PAPER='a4'  # of Europe\n", id="for a shell"),
        pytest.param("# faxapeal\n\nPATH=/bin\nFAX_NUMBER=1\n", id="other programs' names"),
        pytest.param("DATABASE_URL\n", id="a name without a value"),
        pytest.param("FAXAPPEAL_FAX__PAPR=a4\n", id="said with the table's keys"),
        pytest.param('A="one\nFAXAPEAL_FAX__PAPER=a4\ntwo"\n', id="inside a value"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_right_or_somebody_elses_is_left_alone(text: str) -> None:
    assert not problems(text, KEYS)


OTHERWISE = "tables and keys are joined by __"


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        pytest.param(
            "A=1\nFAXAPPEAL_FAX_HYLAFAX_USER=x\n",
            2,
            "did you mean FAXAPPEAL_FAX__HYLAFAX__USER?",
            id="one underscore each",
        ),
        pytest.param(
            "FAXAPPEAL_EMAIL_SMTP_PASSWORD_COMMAND=x",
            1,
            "did you mean FAXAPPEAL_EMAIL__SMTP__PASSWORD_COMMAND?",
            id="an underscore of the key's own",
        ),
        pytest.param(
            "# paper\nfaxapeal_fax__paper=a4",
            2,
            "did you mean FAXAPPEAL_FAX__PAPER?",
            id="the program's name misspelt",
        ),
        pytest.param(
            "FAXAPPEAL_FOX__PAPER=a4",
            1,
            "did you mean FAXAPPEAL_FAX__PAPER?",
            id="the table's name misspelt",
        ),
        pytest.param("FAXAPPEAL_UNIX_SOCKET_OF_ANOTHER_KIND=1", 1, OTHERWISE, id="like no setting"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_guessed(text: str, line: int, hint: str) -> None:
    assert found(text) == [("unknown-key", line, hint)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("A=1\nFAXAPPEAL_FAX__PAPER: a4\n", 2, id="a colon"),
        pytest.param("just some words\n", 1, id="words"),
        pytest.param('B=2\nA="1\n', 2, id="a quote that does not end"),
    ],
)
def test_a_line_that_sets_nothing_is_an_error(text: str, line: int) -> None:
    [finding] = problems(text, KEYS)
    assert (finding.path, finding.rule, finding.level) == (".env", "env-syntax", "error")
    assert finding.place.line == line and "NAME=value" in finding.hint


def test_an_unknown_name_is_shown_on_one_line_and_its_value_not_at_all() -> None:
    [finding] = problems("'FAXAPPEAL_QQ\x1b[31m'=hunter2\n", KEYS)
    assert "\\u001b" in finding.message and "\x1b" not in finding.message
    assert "hunter2" not in finding.message + finding.hint


@pytest.mark.parametrize(
    ("text", "location"),
    [
        pytest.param("FAXAPPEAL_FAX__PAPER=a4", Location(1, 1), id="first line"),
        pytest.param("A=1\n\n  FAXAPPEAL_FAX__PAPER = a4", Location(3, 3), id="indented"),
        pytest.param("export FAXAPPEAL_FAX__PAPER=a4", Location(1, 8), id="for a shell"),
        pytest.param("faxappeal_fax__paper=a4", Location(1, 1), id="in small letters"),
        pytest.param("# FAXAPPEAL_FAX__PAPER=a4", None, id="in a comment"),
        pytest.param("FAXAPPEAL_FAX__PAPER", None, id="without a value"),
        pytest.param("FAXAPPEAL_FAX__PAPERS=a4", None, id="another name"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_setting_stands_somewhere_or_not(text: str, location: Location | None) -> None:
    assert place(text, ("fax", "paper")) == location
