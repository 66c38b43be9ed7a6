"""`faxappeal check`: each case by its file's name, each rule alone, each report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from faxappeal import checks
from faxappeal.campaign import recipients
from faxappeal.campaign.recipient_model import Entry
from faxappeal.checks import docs
from faxappeal.core.finding import Finding, Location
from faxappeal.core.text import invisible, show
from faxappeal.output.snippet import excerpt
from tests.support.campaigns import RECIPIENT, ROOT, run, write
from tests.support.clock import FakeClock
from tests.support.examples import examples

CASES = Path(__file__).parent / "lists"
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _today(clock: FakeClock) -> None:
    """A Tuesday in November 2026."""


def findings_of(text: str) -> list[Finding]:
    return checks.check_list(recipients.read(text), text, TODAY)


def text_of(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


@pytest.mark.parametrize("path", sorted(CASES.glob("good/*.yaml")), ids=lambda path: path.stem)
def test_a_good_list(path: Path) -> None:
    assert not findings_of(text_of(path))


@pytest.mark.parametrize("path", sorted(CASES.glob("bad/*.yaml")), ids=lambda path: path.stem)
def test_a_bad_list(path: Path) -> None:
    """Its name says the case, the rule, the line and the column."""
    _, rule, line, column = path.stem.split(".")
    places = {
        (each.rule, each.place.line, each.place.column) for each in findings_of(text_of(path))
    }
    assert (rule, int(line), int(column)) in places
    ended = run("check", "--strict", path)
    assert ended.code == 1 and f".yaml:{line}:{column}: " in ended.out
    assert "\x1b" not in ended.out


# -- a good list, broken in one way ----------------------------------------------------------------

GOOD = "recipients:\n" + RECIPIENT.format(id="one", contact='fax: "+12025550101"')
# what is written for what, then the rule and where it stands
BREAK = {
    "yaml-syntax": ("id: one", "id: &one one", 2, 9),
    "invisible-character": ("Office one", "Office\u200bone", 3, 11),
    "unquoted-value": ('"+12025550101"', "+12025550101", 7, 10),
    "comment-in-value": ("Office one", "Office #1", 3, 18),
    "duplicate-key": ("    method", "    country: US\n    method", 12, 5),
    "unknown-key": ("    method", "    methud", 12, 5),
    "missing-key": ("    country: US\n", "", 2, 5),
    "bad-value": ("country: US", "country: Usa", 4, 14),
    "duplicate-id": ("", "  - id: one\n    name: Two\n    country: US\n    source: abc\n", 0, 0),
    "fax-number": ("+12025550101", "202 555 0101", 7, 10),
    "email-address": ('fax: "+12025550101"', "email: office@localhost", 7, 12),
    "ignore": ('"+12025550101"', '"+12025550101"  # faxappeal: ignore stale: why not', 7, 26),
    "duplicate-address": ("", 'SECOND:fax: "+1 202 555 0101"', 0, 0),
    "number-country": ("+12025550101", "+14165550101", 7, 10),
    "active-evidence": ("    verified_by: E. Mustermann\n", "", 7, 10),
    "verified-in-future": ("2026-11-01", "2026-11-25", 7, 10),
    "aging": ("2026-11-01", "2026-08-25", 7, 10),
    "stale": ("2026-11-01", "2026-05-27", 7, 10),
    "number-length": ("+12025550101", "+4930231250120123", 7, 10),
    "look-alike": ("Office one", "\u041effice one", 3, 11),
    "salutation": ("Dear Madam or Sir", "Dear Madam or Sir,", 6, 17),
    "time-zone": ("America/New_York", "America/New_Yorck", 5, 15),
    "address-length": ("    method", '    address: "a\\nb\\nc\\nd\\ne\\nf"\n    method', 12, 14),
    "copy-of": ("    method", "    role: cc\n    method", 12, 11),
    "fill-in": ("country: US", 'country: "FILL IN: two letters"', 4, 15),
}
# the number of Berlin belongs to another country as well: that is another rule's
ALSO = {"number-length": {"number-country", "time-zone"}}


def text_that_breaks(rule: str) -> str:
    old, new, _, _ = BREAK[rule]
    if rule == "duplicate-address":
        second = RECIPIENT.format(id="two", contact=new.removeprefix("SECOND:"))
        return GOOD + second
    if rule == "duplicate-id":
        return GOOD + new + "    email: two@example.org\n"
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


def test_the_list_that_is_broken_is_good() -> None:
    assert not findings_of(GOOD)


def test_every_rule_on_a_list_is_broken_once() -> None:
    elsewhere = set(BREAK_CAMPAIGN) | {
        "mail-domain",
        "line-type",
        "toml-syntax",
        "secret-in-file",
        "attachment",
        "env-syntax",
        "senders-file",  # tests/test_senders.py
        "sender",
        "consent",
        "consent-in-future",
    }
    elsewhere |= {page.id for page in docs.pages() if page.id.startswith("letter-")}
    assert {page.id for page in docs.pages()} - elsewhere == set(BREAK)


@pytest.mark.parametrize("page", list(docs.pages()), ids=lambda page: page.id)
def test_every_page_has_a_bad_and_a_good_example(page: docs.Page) -> None:
    assert page.summary.endswith(".") and 0 < page.text.find("Bad:\n") < page.text.find("Good:\n")


@pytest.mark.parametrize("rule", BREAK)
def test_only_that_rule_says_so_and_where(rule: str) -> None:
    text = text_that_breaks(rule)
    findings = findings_of(text)
    assert {each.rule for each in findings} - ALSO.get(rule, set()) == {rule}
    [finding] = [each for each in findings if each.rule == rule]
    _, _, line, column = BREAK[rule]
    if line:
        assert (finding.place.line, finding.place.column) == (line, column)
    if rule != "ignore":  # which is both
        assert finding.level == docs.manual(rule).level


TWO = (
    GOOD
    + RECIPIENT.format(id="copy", contact="email: copy@example.org")
    + "    role: cc\n    copy_of: one\n"
)


@pytest.mark.parametrize("broken_by", ['fax: "+1 202"', 'fxa: "+12025550101"', "fax: [1]"])
def test_one_mistake_is_told_once(broken_by: str) -> None:
    """A recipient who cannot be read is no reason to complain of the copy of his letter."""
    assert not findings_of(TWO)
    text = TWO.replace('fax: "+12025550101"', broken_by)
    assert {each.place.line for each in findings_of(text)} <= {2, 7}


def test_a_place_is_that_of_the_recipient_who_was_read() -> None:
    """Behind an entry that is none, and behind one of the same id that is broken."""
    text = text_that_breaks("stale")
    head, _, body = text.partition("\n")
    places = [each.place.line for each in findings_of(f"{head}\n  - nobody\n{body}")]
    assert places == [2, 8]
    twice = findings_of(f"{head}\n  - id: one\n    name: x\n{body}")
    assert [each.place.line for each in twice if each.rule == "stale"] == [9]


# -- a good campaign, broken in one way ------------------------------------------------------------

WHOLE = """
[fax]
account = "hylafax"
[fax.hylafax]
[pacing]
hours = "08:00-20:00"
give_up_after = "7d"
"""
LETTER = "---\nsubject: Please answer\n---\n{{ to.salutation }},\n\nplease answer.\n"
# the file, what is written for what in it, then where
BREAK_CAMPAIGN = {
    "account": ("faxappeal.toml", 'account = "hylafax"', "", 1, 1),
    "letter": ("letter.j2", "{{ to.salutation }}", "{{ to.address }}", 4, 4),
    "glyph": ("letter.j2", "please", "\U0001f4e0 please", 6, 1),
    "pages": ("letter.j2", "please", "\n".join(["please\n"] * 200), 1, 1),
    "pacing": ("faxappeal.toml", "08:00-20:00", "08:00-24:00", 14, 1),
}


@pytest.mark.parametrize("rule", BREAK_CAMPAIGN)
def test_only_that_rule_of_a_campaign_says_so_and_where(tmp_path: Path, rule: str) -> None:
    folder = write(tmp_path, letter=LETTER, settings=WHOLE)
    name, old, new, line, column = BREAK_CAMPAIGN[rule]
    assert run("check", "--strict", folder=folder).code == 0
    text = text_of(folder / name)
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    [finding] = run("check", "--json", folder=folder).json["data"]["findings"]
    place = (finding["path"], finding["line"], finding["column"])
    assert (finding["rule"], *place) == (rule, name, line, column)
    assert finding["level"] == docs.manual(rule).level and finding["hint"]


def test_more_attempts_than_there_is_time_for(tmp_path: Path) -> None:
    folder = write(tmp_path, settings=WHOLE.replace("7d", "30m"))
    ended = run("check", folder=folder)
    assert "faxappeal.toml:15:1: warning pacing 5 attempts take longer" in ended.out


def letter_with(old: str, new: str) -> dict[str, str]:
    return {"letter": LETTER.replace(old, new)}


def list_with(old: str, new: str) -> dict[str, str]:
    return {"recipients": GOOD.replace(old, new)}


def settings_with(old: str, new: str) -> dict[str, str]:
    return {"settings": WHOLE.replace(old, new)}


MAIL = '[email]\naccount = "smtp"\n[email.smtp]\nhost = "mail.example.org"\n'
SLIPS = [
    (letter_with("Please answer", "Appeal: now"), "letter.j2:2:16:", 'with ": " in it stands in'),
    (letter_with("salutation }}", "salutation }"), "letter.j2:4:1:", "two braces on each side"),
    (letter_with("please", "{% if to.office %}please"), "has no end", "write {% endif %}"),
    (letter_with("please", "\n\U0001f64f please"), "letter.j2:7:1: error glyph", "leave it out"),
    (list_with("Office one", "[Office] of One"), "recipients.yaml:3:", "stands in quotes"),
    (list_with("status: active", "status: actve"), ":9:13:", "did you mean active?"),
    (list_with("America/New_York", "America/NewYork"), ":5:15:", "did you mean America/New_York?"),
    (list_with("+12025550101", "+1 202\u00a0555 0101"), "U+00A0 in it, no-break space", "type the"),
    (list_with("    salutation: Dear Madam or Sir\n", ""), "letter.j2:4:4:", "add salutation: …"),
    (settings_with('"hylafax"', "hylafax"), "faxappeal.toml:11:11:", "a text stands in quotes"),
    (settings_with('"hylafax"', '"hylafx"'), "faxappeal.toml:11:1:", "did you mean hylafax?"),
    (settings_with('"08:00-20:00"', '"8-20"'), "faxappeal.toml:14:1:", ""),
    (
        {"settings": WHOLE + MAIL, "env": "FAXAPPEAL_EMAIL__SMTP__PASWORD=x"},
        ".env:1:1:",
        "password?",
    ),
    (
        {"env": "OTHER=1\nFAXAPPEAL_FAX_HYLAFAX_USER=x"},
        ".env:2:1:",
        "FAXAPPEAL_FAX__HYLAFAX__USER?",
    ),
    ({"env": "A=1\nFAXAPPEAL_FAX__PAPER: a4"}, ".env:2:1: error env-syntax", "write NAME=value"),
    ({"env": "FAXAPEAL_FAX__PAPER=a4"}, ".env:1:1:", "did you mean FAXAPPEAL_FAX__PAPER?"),
    ({"env": "FAXAPPEAL_PACING__HOURS=8-20"}, ".env:1:1: error bad-value", ""),
]


@pytest.mark.parametrize(("files", "where", "hint"), SLIPS, ids=[slip[1] for slip in SLIPS])
def test_a_slip_is_told_where_it_is_and_with_what_helps(
    tmp_path: Path, files: dict[str, str], where: str, hint: str
) -> None:
    folder = write(
        tmp_path,
        files.get("recipients", GOOD),
        files.get("letter", LETTER),
        files.get("settings", WHOLE),
    )
    if "env" in files:
        (folder / ".env").write_text(files["env"])
        (folder / ".env").chmod(0o600)
    ended = run("check", folder=folder)
    errors = [line for line in ended.out.splitlines() if " error " in line]
    assert len(errors) == 1 and where in errors[0] and hint in ended.out, ended.out


# -- silence ---------------------------------------------------------------------------------------

WARNED = GOOD.replace("+12025550101", "+14165550101")


@pytest.mark.parametrize("alone", [True, False])
def test_a_warning_is_silenced_with_a_reason(alone: bool) -> None:
    comment = "# faxappeal: ignore number-country: their office in Toronto"
    line = '    fax: "+14165550101"'
    text = WARNED.replace(line, f"    {comment}\n{line}" if alone else f"{line}  {comment}")
    assert text != WARNED and not findings_of(text)


def test_an_ignore_needs_a_reason_and_something_to_silence() -> None:
    line = '    fax: "+14165550101"'
    bare = WARNED.replace(line, f"{line}  # faxappeal: ignore number-country")
    assert [(each.rule, each.level) for each in findings_of(bare)] == [
        ("number-country", "warning"),
        ("ignore", "error"),
    ]
    wrong = WARNED.replace(line, f"{line}  # faxappeal: ignore stale: no")
    assert {each.rule for each in findings_of(wrong)} == {"number-country", "ignore"}


def test_an_error_cannot_be_silenced() -> None:
    text = GOOD.replace('"+12025550101"', '"202 555"  # faxappeal: ignore fax-number: I know')
    assert "fax-number" in {each.rule for each in findings_of(text)}


# -- several files, and reports --------------------------------------------------------------------


def test_lists_without_a_campaign_are_checked_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "berlin").mkdir()
    (tmp_path / "berlin" / "offices.yaml").write_text(GOOD)
    (tmp_path / "beijing.yaml").write_text(text_that_breaks("stale"))
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


def test_a_percent_sign_and_a_line_break_are_escaped() -> None:
    from faxappeal.output.check_formats import github

    finding = Finding("a,b:c.yaml", Location(1, 2), "error", "stale", "100%\n::error::x\r")
    [command, _] = github([finding], 1).splitlines()
    assert "file=a%2Cb%3Ac.yaml," in command and "100%25%0A::error::x%0D" in command


def test_gitlabs_report_has_a_fingerprint_for_each(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text(
        text_that_breaks("stale") + text_that_breaks("stale").partition("\n")[2]
    )
    report = json.loads(run("check", "--format", "gitlab", "list.yaml", folder=tmp_path).out)
    assert {entry["location"]["path"] for entry in report} == {"list.yaml"}
    assert len({entry["fingerprint"] for entry in report}) == len(report) > 1
    assert {entry["severity"] for entry in report} == {"major"}


def test_a_fingerprint_outlives_lines_above_it(tmp_path: Path) -> None:
    marks = []
    for text in (text_that_breaks("stale"), "# a comment\n" + text_that_breaks("stale")):
        (tmp_path / "list.yaml").write_text(text)
        report = json.loads(run("check", "--format", "sarif", "list.yaml", folder=tmp_path).out)
        [result] = report["runs"][0]["results"]
        marks.append(result["partialFingerprints"])
    assert marks[0] == marks[1]


def test_sarif_names_no_home_folder(tmp_path: Path) -> None:
    """I04: however the file was named."""
    (tmp_path / "list.yaml").write_text(text_that_breaks("stale"))
    ended = run("check", "--format", "sarif", (tmp_path / "list.yaml").absolute(), folder=tmp_path)
    assert str(tmp_path) not in ended.out
    [run_] = json.loads(ended.out)["runs"]
    [result] = run_["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "list.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 10},
    }
    assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "stale"


@pytest.mark.parametrize(
    ("text", "failures"), [(GOOD, 0), (text_that_breaks("stale"), 1), (WARNED, 0)]
)
def test_junits_report(tmp_path: Path, text: str, failures: int) -> None:
    (tmp_path / "list.yaml").write_text(text)
    report = Xml.fromstring(run("check", "--format", "junit", "list.yaml", folder=tmp_path).out)
    [suite] = report
    assert suite.get("failures") == str(failures)
    assert len(suite.findall("testcase/failure")) == failures and suite.findall("testcase")


# -- on a terminal ---------------------------------------------------------------------------------


@pytest.fixture
def _colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@given(st.text(max_size=300), st.integers(0, 301), st.integers(20, 120))
def test_the_caret_is_below_its_character_and_fits(line: str, at: int, width: int) -> None:
    line = line.replace("\n", "").rstrip("\r")
    shown, caret = excerpt(line, Location(1, min(at, len(line)) + 1), width)
    assert cell_len(shown) <= width and len(caret) <= width
    assert not invisible(shown)
    before = set_cell_size(shown, len(caret) - 1)
    start = show(line[at].replace("\t", " "))[0] if at < len(line) else ""
    assert shown[len(before) :].startswith((start, "…")) or start.isspace()


def test_the_place_behind_the_last_line_has_no_excerpt() -> None:
    assert excerpt("one\n", Location(3, 1), 80) == ()


# -- without a network -----------------------------------------------------------------------------


def test_an_ignore_of_what_was_not_asked_is_left_alone() -> None:
    mail = GOOD.replace('fax: "+12025550101"', "email: office@nowhere.example.org")
    comment = "  # faxappeal: ignore mail-domain: they are moving"
    assert not findings_of(mail.replace("nowhere.example.org", "nowhere.example.org" + comment))


# -- whatever is written ---------------------------------------------------------------------------


def sample_texts() -> Iterator[str]:
    for path in sorted(CASES.glob("*/*.yaml")):
        yield text_of(path)
    yield GOOD


# EXAMPLES=100000 for a long look
@settings(
    max_examples=examples(2_000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.sampled_from(list(sample_texts())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.text(max_size=6)), max_size=6),
)
def test_whatever_is_written_each_finding_is_within_the_file(
    text: str, edits: list[tuple[float, int, str]]
) -> None:
    for where, drop, words in edits:
        at = int(where * len(text))
        text = text[:at] + words + text[at + drop :]
    lines = text.split("\n")
    for finding in findings_of(text):
        assert 1 <= finding.place.line <= len(lines) + 1
        assert finding.place.column >= 1


KEYS = st.sampled_from([*Entry.model_fields, "number", "address", "recipients", "x"])
SCALARS = st.sampled_from(
    [
        "one",
        "two",
        "CN",
        "US",
        "to",
        "cc",
        "active",
        "2026-11-01",
        "+12025550101",
        "a@example.org",
        "",
        "x",
        "+4930",
        "Asia/Shanghai",
        "\u202e",
        "[",
        "*a",
        "2026-02-30",
        "&",
        "null",
        "0",
    ]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=8)
)
ENTRIES = st.fixed_dictionaries(
    {"id": st.sampled_from(["one", "two"])},
    optional={name: SCALARS | VALUES for name in Entry.model_fields if name != "id"},
)


# EXAMPLES=100000 for a long look
@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(ENTRIES | VALUES, max_size=4) | VALUES)
def test_whatever_it_is_made_of_each_finding_is_within_the_file(entries: object) -> None:
    text = yaml.safe_dump({"recipients": entries}, allow_unicode=True)
    for finding in findings_of(text):
        assert 1 <= finding.place.line <= text.count("\n") + 1


# -- in the editor ---------------------------------------------------------------------------------

SCHEMA = ROOT / "recipients.schema.json"
# what a schema cannot say: two values together, the day, an alphabet, a numbering plan
BEYOND_A_SCHEMA = {
    "active-evidence",
    "comment-in-value",
    "duplicate-address",
    "invisible-character",
    "number-country",
    "number-length",
    "stale",
    "unquoted-value",
    "verified-in-future",
}
VALID_BY_PATTERN = {"E07", "E11", "E12", "E13", "E16", "E17", "F14", "F15", "F17", "F19", "F23"}


def is_valid(*paths: Path) -> bool:
    """By the validator that editors and CI use."""
    command = [str(word) for word in ("--schemafile", SCHEMA, *paths)]
    return CliRunner().invoke(check_jsonschema.main, command).exit_code == 0


def test_the_schema_is_the_programs() -> None:
    assert run("schema").out == SCHEMA.read_text(encoding="utf-8")
    first = (ROOT / "recipients.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./recipients.schema.json"


def test_the_schema_accepts_what_is_good() -> None:
    assert is_valid(ROOT / "recipients.yaml", *CASES.glob("good/*.yaml"))


@pytest.mark.parametrize("path", sorted(CASES.glob("bad/*.yaml")), ids=lambda path: path.stem)
def test_the_schema_refuses_what_a_schema_can(path: Path) -> None:
    case, rule, *_ = path.stem.split(".")
    beyond = rule in BEYOND_A_SCHEMA or case in VALID_BY_PATTERN
    # an ESC byte is no YAML, and a number without quotes is no text
    assert is_valid(path) == (beyond and case not in ("R02", "R28"))
