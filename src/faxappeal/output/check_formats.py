"""Findings as editors, CI systems and their reports want them.

Each place is repeated in the text, for some systems show the text alone. No line of a file is
quoted here: a report may be public.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from .. import __version__
from ..checks.docs import manual
from ..core.finding import Finding
from ..core.text import show
from .phrases import count

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def line(finding: Finding) -> str:
    """A finding on one line, as editors and CI logs understand it."""
    return show(f"{_place(finding)}: {finding.level} {finding.rule} {finding.message}")


def summary(findings: Sequence[Finding], recipients: int) -> str:
    """How much was looked at, and how much was found."""
    errors = sum(finding.level == "error" for finding in findings)
    found = f"{count(errors, 'error')}, {count(len(findings) - errors, 'warning')}"
    return f"{count(recipients, 'recipient')} checked: {found}."


def github(findings: Sequence[Finding], recipients: int) -> str:
    """Annotations of GitHub Actions (workflow commands). Only ten of a kind are shown there, so a
    summary ends them."""
    lines = []
    for finding in findings:
        place, title = finding.place, _property(f"faxappeal {finding.rule}")
        properties = (
            f"file={_property(finding.path)},line={place.line},col={place.column},title={title}"
        )
        words = _data(f"{_place(finding)} {_message(finding)}")
        lines.append(f"::{finding.level} {properties}::{words}")
    return "\n".join([*lines, summary(findings, recipients)]) + "\n"


def markdown(findings: Sequence[Finding], recipients: int) -> str:
    """A table for $GITHUB_STEP_SUMMARY."""
    rows = []
    for finding in findings:
        cells = (_place(finding), finding.level, finding.rule, finding.message)
        rows.append(f"| {' | '.join(map(_cell, cells))} |\n")
    head = "| where | level | rule | what |\n|---|---|---|---|\n" if rows else ""
    return f"### faxappeal check\n\n{head}{''.join(rows)}\n{summary(findings, recipients)}\n"


def gitlab(findings: Sequence[Finding], _recipients: int) -> str:
    """GitLab's code quality report."""
    severities = {"error": "major", "warning": "minor"}
    report = [
        {
            "description": show(_message(finding)),
            "check_name": f"faxappeal/{finding.rule}",
            "fingerprint": fingerprint,
            "severity": severities[finding.level],
            "location": {"path": finding.path, "lines": {"begin": finding.place.line}},
        }
        for finding, fingerprint in _fingerprinted(findings)
    ]
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def sarif(findings: Sequence[Finding], _recipients: int) -> str:
    """SARIF 2.1.0 (OASIS)."""
    rules = sorted({finding.rule for finding in findings})
    driver = {
        "name": "faxappeal",
        "version": __version__,
        "informationUri": "https://example.org/faxappeal",
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": manual(rule).summary},
                "fullDescription": {"text": manual(rule).text},
                "helpUri": f"https://example.org/faxappeal/docs/reference/checks.md#{rule}",
            }
            for rule in rules
        ],
    }
    results = [
        {
            "ruleId": finding.rule,
            "ruleIndex": rules.index(finding.rule),
            "level": finding.level,
            "message": {"text": show(f"{_place(finding)} {finding.message}")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.path, "uriBaseId": "%SRCROOT%"},
                        "region": {
                            "startLine": finding.place.line,
                            "startColumn": finding.place.column,
                        },
                    }
                }
            ],
            "partialFingerprints": {"faxappeal/v1": fingerprint},
        }
        for finding, fingerprint in _fingerprinted(findings)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    report = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def junit(findings: Sequence[Finding], recipients: int) -> str:
    """JUnit's XML, as test reports of CI systems read it: an error is a failed test."""
    from xml.etree import ElementTree as Xml

    failed = str(sum(finding.level == "error" for finding in findings))
    counts = {"tests": str(max(1, len(findings))), "failures": failed, "errors": "0"}
    suites = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(suites, "testsuite", {"name": "faxappeal check", **counts})
    for finding in findings:
        case = Xml.SubElement(
            suite,
            "testcase",
            classname=finding.path,
            name=f"{finding.rule} {finding.place.line}:{finding.place.column}",
            file=finding.path,
            line=str(finding.place.line),
        )
        if finding.level == "error":
            facts = {"type": finding.rule, "message": show(finding.message)}
            Xml.SubElement(case, "failure", facts).text = line(finding)
        else:
            Xml.SubElement(case, "system-out").text = line(finding)
    if not findings:
        case = Xml.SubElement(suite, "testcase", classname="faxappeal", name="check")
        Xml.SubElement(case, "system-out").text = summary(findings, recipients)
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, "unicode") + "\n"


REPORTS: Mapping[str, Callable[[Sequence[Finding], int], str]] = {
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
}


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.place.line}:{finding.place.column}"


def _message(finding: Finding) -> str:
    return finding.message + f" ({finding.hint})" * bool(finding.hint)


def _data(text: str) -> str:
    """The text of a workflow command: a new line would begin another command."""
    return show(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    return show(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _fingerprinted(findings: Sequence[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each with what stays the same when lines are added above it, and is unique."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        key = (finding.path, finding.rule, finding.message)
        words = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield finding, hashlib.sha256(words.encode("utf-8", "backslashreplace")).hexdigest()[:32]
