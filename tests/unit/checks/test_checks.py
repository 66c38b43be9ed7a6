"""Each rule broken once: that rule alone speaks, and at the right place; each list by its file's name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faxappeal.campaign.recipient_keys import Entry
from faxappeal.checks import docs
from faxappeal.core.text import invisible
from faxappeal.output.check_formats import line
from tests.support.campaigns import RECIPIENT
from tests.support.checked import (
    CASES,
    GOOD,
    LETTER,
    SETTINGS,
    STALE,
    findings_in,
    findings_of,
    text_of,
    written,
)
from tests.support.examples import examples


@pytest.mark.parametrize("path", sorted(CASES.glob("good/*.yaml")), ids=lambda path: path.stem)
def test_a_good_list(path: Path) -> None:
    assert not findings_of(text_of(path))


@pytest.mark.parametrize("path", sorted(CASES.glob("bad/*.yaml")), ids=lambda path: path.stem)
def test_a_bad_list(path: Path) -> None:
    """Its name says the case, the rule, the line and the column."""
    _, rule, *place = path.stem.split(".")
    found = findings_of(text_of(path))
    places = {(each.rule, each.place.line, each.place.column) for each in found}
    assert (rule, *map(int, place)) in places
    assert not [each for each in found if invisible(line(each))], "no escape reaches a terminal"


# -- a good list, broken in one way ----------------------------------------------------------------

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
        "senders-file",
        "sender",
        "consent",
        "consent-in-future",
    }
    elsewhere |= {page.id for page in docs.pages() if page.id.startswith("letter-")}
    assert {page.id for page in docs.pages()} - elsewhere == set(BREAK)


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
def test_one_mistake_is_found_once(broken_by: str) -> None:
    """A recipient who cannot be read is no reason to complain of the copy of his letter."""
    assert not findings_of(TWO)
    text = TWO.replace('fax: "+12025550101"', broken_by)
    assert {each.place.line for each in findings_of(text)} <= {2, 7}


def test_a_place_is_that_of_the_recipient_who_was_read() -> None:
    """Behind an entry that is none, and behind one of the same id that is broken."""
    text = STALE
    head, _, body = text.partition("\n")
    places = [each.place.line for each in findings_of(f"{head}\n  - an office\n{body}")]
    assert places == [2, 8]
    twice = findings_of(f"{head}\n  - id: one\n    name: x\n{body}")
    assert [each.place.line for each in twice if each.rule == "stale"] == [9]


# -- a good campaign, broken in one way ------------------------------------------------------------

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
    folder = written(tmp_path)
    name, old, new, line, column = BREAK_CAMPAIGN[rule]
    assert not findings_in(folder)
    text = text_of(folder / name)
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    [finding] = findings_in(folder)
    place = (finding.path, finding.place.line, finding.place.column)
    assert (finding.rule, *place) == (rule, name, line, column)
    assert finding.level == docs.manual(rule).level and finding.hint


def letter_with(old: str, new: str) -> dict[str, str]:
    return {"letter": LETTER.replace(old, new)}


def list_with(old: str, new: str) -> dict[str, str]:
    return {"recipients": GOOD.replace(old, new)}


def settings_with(old: str, new: str) -> dict[str, str]:
    return {"settings": SETTINGS.replace(old, new)}


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
        {"settings": SETTINGS + MAIL, "env": "FAXAPPEAL_EMAIL__SMTP__PASWORD=x"},
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
def test_a_slip_is_found_where_it_is_and_with_what_helps(
    tmp_path: Path, files: dict[str, str], where: str, hint: str
) -> None:
    env = files.get("env")
    folder = written(tmp_path, **{name: text for name, text in files.items() if name != "env"})
    if env:
        (folder / ".env").write_text(env)
        (folder / ".env").chmod(0o600)
    [error] = [each for each in findings_in(folder) if each.level == "error"]
    assert where in line(error) and hint in f"{line(error)} {error.hint}"


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


# -- all of it -------------------------------------------------------------------------------------


def test_findings_are_in_the_order_of_the_files_and_their_lines(tmp_path: Path) -> None:
    listed = STALE.replace("Dear Madam or Sir", "Dear Madam or Sir,")
    settings = SETTINGS.replace("08:00-20:00", "08:00-24:00")
    found = findings_in(written(tmp_path, listed, settings=settings))
    assert [(each.path, each.rule) for each in found] == [
        ("faxappeal.toml", "pacing"),
        ("recipients.yaml", "salutation"),
        ("recipients.yaml", "stale"),
    ]


def test_a_list_is_checked_while_its_letter_cannot_be_read(tmp_path: Path) -> None:
    found = findings_in(written(tmp_path, STALE, "no front matter", ""))
    assert {each.rule for each in found} == {"letter-front-matter", "stale"}


def test_a_comment_in_any_of_the_three_files_silences_a_warning(tmp_path: Path) -> None:
    settings = SETTINGS.replace(
        '"08:00-20:00"', '"08:00-24:00"  # faxappeal: ignore pacing: they work at night'
    )
    assert not findings_in(written(tmp_path, settings=settings))
