"""Which files a check looks at, and what makes it fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.checks.rules import online as online_rules
from faxappeal.commands.check import CheckResult, check
from faxappeal.core.errors import ExitCode, UsageError
from faxappeal.core.json import to_data
from tests.support.campaigns import RECIPIENT, SETTINGS
from tests.support.checked import GOOD, STALE, WARNED
from tests.support.commands import SMTP, Surroundings

TWO = GOOD + RECIPIENT.format(id="two", contact='fax: "+12025550102"')


def checked(around: Surroundings, *files: Path | str, **asked: bool) -> CheckResult:
    data: CheckResult = check(
        around.environment, files=[Path(file) for file in files], **asked
    ).data
    return data


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rules(result: CheckResult) -> list[tuple[str, str]]:
    return [(finding.path, finding.rule) for finding in result.findings]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program was started in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- what makes it fail ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "strict", "code"),
    [
        pytest.param(GOOD, True, ExitCode.OK, id="good"),
        pytest.param(WARNED, False, ExitCode.OK, id="a warning"),
        pytest.param(WARNED, True, ExitCode.FINDINGS, id="a warning, strictly"),
        pytest.param(STALE, False, ExitCode.FINDINGS, id="an error"),
    ],
)
def test_a_warning_fails_a_strict_check_alone(
    around: Surroundings, here: Path, text: str, strict: bool, code: ExitCode
) -> None:
    file = written(here, "list.yaml", text)
    result = check(around.environment, files=[file], strict=strict)
    assert result.exit_code is code
    assert bool(result.data.findings) is (text != GOOD)


def test_a_campaign_that_is_fit_has_no_findings(around: Surroundings) -> None:
    found = checked(around)
    assert (found.findings, found.recipients, found.unread) == ((), 1, 0)


# -- which files -------------------------------------------------------------------------------------


def test_lists_without_a_campaign_are_checked_by_themselves(
    around: Surroundings, here: Path
) -> None:
    berlin = written(here, "berlin/offices.yaml", TWO)
    beijing = written(here, "beijing.yaml", STALE)
    found = checked(around, berlin, beijing)
    assert rules(found) == [("beijing.yaml", "stale")] and found.recipients == 3


def test_a_file_of_a_campaign_is_checked_with_the_whole_of_it_once(
    around: Surroundings, here: Path
) -> None:
    folder = around.folder
    around.change("letter.j2", "{{ to.salutation }}", "{{ nothing_of_that_name }}")
    found = checked(
        around, folder / "recipients.yaml", folder / "letter.j2", folder / "faxappeal.toml"
    )
    assert rules(found) == [("campaign/letter.j2", "letter")] and found.recipients == 1


def test_a_file_that_is_named_twice_is_checked_once(around: Surroundings, here: Path) -> None:
    file = written(here, "list.yaml", STALE)
    assert len(checked(around, file, file).findings) == 1


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("faxappeal.toml", "oops", "toml-syntax"),
        ("letter.j2", "---\nsubject: [\n---\nwords\n", "yaml-syntax"),
        ("recipients.yaml", "recipients: [", "yaml-syntax"),
    ],
)
def test_a_part_of_a_campaign_that_lies_alone_is_checked_by_itself(
    around: Surroundings, here: Path, name: str, text: str, rule: str
) -> None:
    found = checked(around, written(here, f"alone/{name}", text))
    assert {path for path, _ in rules(found)} == {f"alone/{name}"}
    assert rule in {name for _, name in rules(found)}
    assert found.recipients == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.toml", SETTINGS),
        ("letter.j2", "---\nsubject: x\n---\nwords\n"),
        ("list.yml", GOOD),
    ],
)
def test_a_file_is_read_by_its_ending(
    around: Surroundings, here: Path, name: str, text: str
) -> None:
    assert checked(around, written(here, name, text)).findings == ()


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_is_not_there_is_refused(around: Surroundings, here: Path, name: str) -> None:
    with pytest.raises(UsageError):
        checked(around, name)


# -- what is shown -----------------------------------------------------------------------------------


def test_recipients_that_cannot_be_read_are_counted(around: Surroundings, here: Path) -> None:
    broken = TWO.replace("    country: US\n", "", 1)
    found = checked(around, written(here, "list.yaml", broken))
    assert (found.recipients, found.unread) == (1, 1)


def test_a_path_is_shown_as_seen_from_here(around: Surroundings, here: Path) -> None:
    """No home folder is shown, however the file was named."""
    file = written(here, "list.yaml", STALE)
    found = [rules(checked(around, name)) for name in (file.absolute(), "list.yaml", "./list.yaml")]
    assert found == [[("list.yaml", "stale")]] * 3
    outside = rules(checked(around, Path(os.path.relpath(here)) / ".." / here.name / "list.yaml"))
    assert outside[0][0].endswith("/list.yaml") and not outside[0][0].startswith("/")


def test_a_line_can_be_shown_to_its_author_but_none_of_the_settings(
    around: Surroundings, here: Path
) -> None:
    found = checked(around)
    assert set(found.texts) == {"campaign/recipients.yaml", "campaign/letter.j2"}
    assert "subject: Please answer" in found.texts["campaign/letter.j2"]
    settings = written(here, "alone/faxappeal.toml", 'password = "hunter2"')
    assert checked(around, settings).texts == {}
    assert "hunter2" not in repr(checked(around, settings))
    letter = written(here, "alone/letter.j2", "words")
    assert checked(around, letter).texts == {"alone/letter.j2": "words"}


def test_a_finding_as_json_has_its_place_beside_its_words(around: Surroundings, here: Path) -> None:
    data = to_data(checked(around, written(here, "list.yaml", STALE)))
    assert set(data) == {"findings", "recipients", "unread"}
    [finding] = data["findings"]
    assert (finding["path"], finding["line"], finding["column"]) == ("list.yaml", 7, 10)
    assert "place" not in finding


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("name", ["list.yaml", "recipients.yaml"])
def test_the_network_is_asked_only_where_a_person_wants_it(
    around: Surroundings, here: Path, monkeypatch: pytest.MonkeyPatch, name: str, online: bool
) -> None:
    """Of a list, and of a campaign."""
    monkeypatch.setattr(online_rules, "_wrong_with", lambda _domain: "does not exist")
    around.write("mail office@example.org", settings=SMTP)
    text = (around.folder / "recipients.yaml").read_text(encoding="utf-8")
    file = written(around.folder, name, text)
    found = checked(around, file, online=online)
    assert [rule for _, rule in rules(found)] == ["mail-domain"] * online
