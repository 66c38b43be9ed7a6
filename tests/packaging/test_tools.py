"""The checks of words and commits that `make lint` runs, in folders and repositories of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools import commits, words

RULES = """\
# a comment that stays
count = {count}
except = ["is no longer", "nobody@localhost"]
[[avoid]]
words = ["nobody has"]
plain = "missing"
[[avoid]]
words = ["nobody"]
plain = "no one"
[[avoid]]
words = ["under way"]
plain = "in progress"
[[avoid]]
words = ["is none", "hand … over", "is no …"]
plain = "not found"
"""


class Project:
    """A folder with words to avoid and some text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules = self.write("tools/words.toml", RULES.format(count=0))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=E", "-c", "user.email=e@example.org", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def commit(self, subject: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def found(self) -> list[tuple[str, int, str]]:
        return [(p.path, p.line, p.word) for p in words.places(self.folder, self.known())]

    def known(self) -> words.Rules:
        return words.rules(self.folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def repository(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # set where git itself runs the tests, in a hook
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    project.git("init", "--quiet")
    return project


# -- words


def test_a_higher_count_fails_and_names_place_and_plain_word(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("src/a.py", "x = 1\n# nobody has it\n")
    assert words.check(project.folder) == 1
    assert capsys.readouterr().out.splitlines() == [
        'src/a.py:2: "nobody has" (plain: missing)',
        "words: 1 avoided words, 0 are allowed (tools/words.toml)",
    ]


def test_the_same_count_passes(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("README.md", "nobody\n")
    project.rules.write_text(RULES.format(count=1), encoding="utf-8")
    assert words.check(project.folder, lower=True) == 0
    assert capsys.readouterr().out == "words: 1 avoided words, as before\n"
    assert project.rules.read_text(encoding="utf-8") == RULES.format(count=1)


def test_a_lower_count_passes_and_is_written_on_request_only(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("README.md", "nobody\n")
    project.rules.write_text(RULES.format(count=12), encoding="utf-8")
    assert words.check(project.folder) == 0
    assert "may be lowered to 1: python -m tools.words --lower" in capsys.readouterr().out
    assert project.known().count == 12
    assert words.check(project.folder, lower=True) == 0
    assert project.rules.read_text(encoding="utf-8") == RULES.format(count=1)


def test_a_higher_count_is_never_written(project: Project) -> None:
    project.write("README.md", "nobody\n")
    assert words.check(project.folder, lower=True) == 1
    assert project.known().count == 0


def test_forty_places_are_shown(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("README.md", "nobody\n" * 43)
    assert words.check(project.folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 42 and lines[39].startswith("README.md:40:")
    assert lines[40] == "… and 3 more"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Nobody's", "Nobody"),
        ("def nobody_asks(): ...", "nobody"),
        ("class WayOfNobody: ...", "Nobody"),
        ("under_way = 1", "under_way"),
        ("UNDER_WAY = 1", "UNDER_WAY"),
        ("class IsUnderWay: ...", "UnderWay"),
        ("# it is under\n    # way", "under way"),
        ('"it is under "\n    "way"', "under way"),
        ("> it is under\n> way", "under way"),
        ("it is none", "is none"),
        ("hand it over", "hand it over"),
        ("hand_it_over()", "hand_it_over"),
        ("`x` is no day", "is no"),
    ],
)
def test_prose_and_names_count(project: Project, text: str, word: str) -> None:
    project.write("src/a.py", text)
    assert project.found() == [("src/a.py", 1, word)]


@pytest.mark.parametrize(
    "text",
    [
        "x is None",
        "thunder way",
        "nobodys_fool",
        "under the way",
        "hand all of it over",
        "the default is no. Another is",
        "it is not",
        "it is nothing",
        "it is no longer there",
        "it is no\nlonger there",
        "mail from nobody@localhost",
    ],
)
def test_other_words_do_not_count(project: Project, text: str) -> None:
    project.write("src/a.py", text)
    assert project.found() == []


def test_each_file_of_text_is_read_but_the_letters(project: Project) -> None:
    for name in (
        "src/a.py", "src/b/c.j2", "docs/d.md", "docs/pictures/e.py", "README.md",
        "docs/pictures/letters/f.j2", "docs/man/g.1", "docs/h.svg", "CHANGELOG.md", "letter.j2",
        "recipients.yaml", "tests/i.py",
    ):  # fmt: skip
        project.write(name, "nobody")
    names = [path for path, _, _ in project.found()]
    assert names == ["src/a.py", "src/b/c.j2", "docs/d.md", "docs/pictures/e.py", "README.md"]


def test_only_new_lines_are_shown_where_git_knows_them(
    repository: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    old = repository.write("src/a.py", "# nobody is old\n# nobody else is old\n")
    repository.rules.write_text(RULES.format(count=2), encoding="utf-8")
    repository.commit("lint: Count")
    repository.write("src/c.py", "# nobody is committed\n")
    repository.commit("c: Add")
    repository.write("src/d.py", "# nobody is untracked\n")
    old.rename(old.with_name("b.py"))  # a file that has moved is not new
    assert words.check(repository.folder) == 1
    places = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert places == ["src/c.py:1:", "src/d.py:1:", "words:"]


def test_all_places_are_shown_if_no_line_is_new(
    repository: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    old = repository.write("src/a.py", "# nobody is old\n")
    repository.rules.write_text(RULES.format(count=1), encoding="utf-8")
    repository.commit("lint: Count")
    repository.write("src/b.py", old.read_text(encoding="utf-8"))  # a copy
    assert words.check(repository.folder) == 1
    places = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert places == ["src/a.py:1:", "src/b.py:1:", "words:"]


def test_every_word_of_the_project_has_a_plain_one_and_can_be_found(tmp_path: Path) -> None:
    project = Project(tmp_path)
    text = (words.ROOT / words.RULES).read_text(encoding="utf-8")
    project.rules.write_text(text, encoding="utf-8")
    assert all(project.known().plain)
    for sentence in (
        "as told there", "it tells more", "whoever asks", "nobody has", "somebody", "anybody",
        "write it anew", "mended", "3 are under way", "handed over", "hand it over", "a rehearsal",
        "desks", "the way out", "there is none", "is none", "is no day", "are no letters",
        "no tool for", "stands in it", "stands there", "lies in it", "made a mistake", "make room",
        "an address of the web",
    ):  # fmt: skip
        project.write("README.md", sentence)
        assert len(project.found()) == 1, sentence


# -- commits


@pytest.mark.parametrize(
    "subject",
    [
        "send: Refuse a number twice",
        "send, worker: Refuse a number twice",
        "many senders: Refuse a number twice",
        "e-mail: Refuse: never ask",
        "x509: " + "A" * 66,
        "send: Address two recipients",
        "send: Pass the clock in",
        "send: Process one letter",
        "send: Need two names",
        "send: Feed the queue",
        "send: Embed all fonts",
        "send: String the pages together",
        "send: Focus on one line",
    ],
)
def test_a_good_subject(subject: str) -> None:
    assert list(commits.problems(subject)) == []


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("x509: " + "A" * 67, "73 characters, at most 72"),
        ("Refuse a number twice", "not `area: Imperative`"),
        ("send:Refuse a number twice", "not `area: Imperative`"),
        ("Send: Refuse a number", "area 'Send'"),
        ("send_plan: Refuse a number", "area 'send_plan'"),
        ("send,worker: Refuse a number", "area 'send,worker'"),
        (" : Refuse a number", "area ' '"),
        ("send: refuse a number", "no capital letter"),
        ("send:  Refuse a number", "no capital letter"),
        ("send: `x` is gone", "no capital letter"),
        ("send: Refused a number", "'Refused' is not an imperative"),
        ("send: Refusing a number", "'Refusing' is not an imperative"),
        ("send: Refuses a number", "'Refuses' is not an imperative"),
    ],
)
def test_a_bad_subject(subject: str, problem: str) -> None:
    [found] = commits.problems(subject)
    assert problem in found


def test_every_problem_of_a_subject_is_named() -> None:
    assert len(list(commits.problems("Send_plan: refused " + "a" * 60))) == 4


def test_bad_subjects_fail_with_their_short_hash(
    repository: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    base = repository.commit("a subject from before the rules")
    repository.commit("send: Add one")
    bad = repository.commit("send: added two")
    assert commits.check(repository.folder, base) == 1
    first, second = capsys.readouterr().out.splitlines()
    short, _, subject = first.partition(" ")
    assert bad.startswith(short) and len(short) >= 7 and subject == "send: added two"
    assert second.startswith("    no capital letter after the colon; 'added' is not an imperative")


def test_merges_do_not_count(repository: Project, capsys: pytest.CaptureFixture[str]) -> None:
    base = repository.commit("from before the rules")
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit("send: Add one")
    repository.git("checkout", "--quiet", "-")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge branch other", "other")
    assert commits.check(repository.folder, base) == 0
    assert capsys.readouterr().out == "commits: all subjects are `area: Imperative`\n"


def test_without_the_base_commit_the_check_is_skipped(
    repository: Project,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    base = repository.commit("from before the rules")
    repository.commit("bad")
    clone = tmp_path_factory.mktemp("shallow") / "clone"
    repository.git("clone", "--quiet", "--depth=1", repository.folder.as_uri(), str(clone))
    archive = tmp_path_factory.mktemp("archive")
    for folder in (clone, archive):
        assert commits.check(folder, base) == 0
        assert capsys.readouterr().out == (
            f"commits: skipped, the history does not contain {base[:7]}\n"
        )
    assert commits.check(repository.folder, base) == 1


def test_without_git_both_checks_work(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(project.folder))
    project.write("README.md", "nobody\n")
    assert words.check(project.folder) == 1
    assert commits.check(project.folder, "0" * 40) == 0
    assert "README.md:1:" in capsys.readouterr().out
