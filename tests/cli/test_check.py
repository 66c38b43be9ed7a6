"""`faxappeal check` as a whole: which files it looks at, its reports, its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.support.campaigns import run, write
from tests.support.checked import GOOD, STALE, WARNED
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def _today(clock: FakeClock) -> None:
    """A Tuesday in November 2026."""


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        pytest.param(GOOD, ["--strict"], 0, id="good"),
        pytest.param(WARNED, [], 0, id="a warning"),
        pytest.param(WARNED, ["--strict"], 1, id="a warning, strictly"),
        pytest.param(STALE, [], 1, id="an error"),
    ],
)
def test_a_warning_fails_a_strict_check_alone(
    tmp_path: Path, text: str, words: list[str], code: int
) -> None:
    (tmp_path / "list.yaml").write_text(text)
    ended = run("check", *words, "list.yaml", folder=tmp_path)
    assert ended.code == code
    assert ("list.yaml:7:10: " in ended.out) == (text != GOOD)


# -- several files, and reports --------------------------------------------------------------------


def test_lists_without_a_campaign_are_checked_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "berlin").mkdir()
    (tmp_path / "berlin" / "offices.yaml").write_text(GOOD)
    (tmp_path / "beijing.yaml").write_text(STALE)
    whole = write(tmp_path / "campaign", settings='\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n')
    assert run("check", "berlin/offices.yaml", folder=tmp_path).code == 0
    ended = run("check", "berlin/offices.yaml", "beijing.yaml", folder=tmp_path)
    assert ended.code == 1 and "beijing.yaml:7:10: error stale" in ended.out
    assert "2 recipients checked: 1 error" in ended.out
    (whole / "letter.j2").write_text("---\nsubject: x\n---\n{{ nobody }}\n")
    ended = run("check", "campaign/recipients.yaml", "campaign/letter.j2", folder=tmp_path)
    assert ended.out.count("campaign/letter.j2:4:") == 1, "with its campaign, once"


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    ended = run("check", name, folder=tmp_path)
    assert ended.code == 2 and "Hint:" in ended.err


NASTY = GOOD.replace("Office one", '"x\\n::error::pwned, 100%"').replace("2026-11-01", "2026-05-27")


def test_github_gets_one_annotation_for_each_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I01: a name cannot begin a command of its own."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "list.yaml").write_text(NASTY.replace("\\n", "\u200b"))
    ended = run("check", "list.yaml", folder=tmp_path)
    lines = ended.out.splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == 2 and ended.code == 1
    assert commands[1].startswith(
        "::error file=list.yaml,line=7,col=10,title=faxappeal stale::list.yaml:7:10 verified 181 days"
    )
    assert lines[-1] == "1 recipient checked: 2 errors, 0 warnings."
    summary = (tmp_path / "summary.md").read_text()
    assert "| list.yaml:7:10 | error | stale |" in summary


def test_gitlabs_report_has_a_fingerprint_for_each(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text(STALE + STALE.partition("\n")[2])
    report = json.loads(run("check", "--format", "gitlab", "list.yaml", folder=tmp_path).out)
    assert {entry["location"]["path"] for entry in report} == {"list.yaml"}
    assert len({entry["fingerprint"] for entry in report}) == len(report) > 1
    assert {entry["severity"] for entry in report} == {"major"}


def test_sarif_names_no_home_folder(tmp_path: Path) -> None:
    """I04: however the file was named."""
    (tmp_path / "list.yaml").write_text(STALE)
    ended = run("check", "--format", "sarif", (tmp_path / "list.yaml").absolute(), folder=tmp_path)
    assert str(tmp_path) not in ended.out
    [run_] = json.loads(ended.out)["runs"]
    [result] = run_["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "list.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 10},
    }
    assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "stale"


@pytest.mark.parametrize(("text", "failures"), [(GOOD, 0), (STALE, 1), (WARNED, 0)])
def test_junits_report(tmp_path: Path, text: str, failures: int) -> None:
    (tmp_path / "list.yaml").write_text(text)
    report = Xml.fromstring(run("check", "--format", "junit", "list.yaml", folder=tmp_path).out)
    [suite] = report
    assert suite.get("failures") == str(failures)
    assert len(suite.findall("testcase/failure")) == failures and suite.findall("testcase")
