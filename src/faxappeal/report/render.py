"""Proof of sending as one HTML file that loads nothing, and as PDF."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.text import show
from .glossary import CAUSES, EVENTS, STATES, meaning

if TYPE_CHECKING:
    from .model import LetterReport, Report

_HERE = Path(__file__).parent


def summary(report: Report) -> str:
    """How many letters, and how they stand."""
    total = sum(report.states.values())
    states = ", ".join(
        f"{report.states[state]} {state}" for state in STATES if state in report.states
    )
    return f"{total} letter{'s' * (total != 1)}{': ' * bool(states)}{states}."


def _headline(report: Report) -> str:
    made = f"Made {clock(report.made_at)} by faxappeal {__version__} from its ledger."
    redacted = (
        "This copy is redacted: it names no sender and no account, and shows addresses in part."
    )
    return " ".join((summary(report), made, *([redacted] if report.redacted else [])))


def clock(moment: datetime) -> str:
    """A moment with its distance from UTC: `2026-11-24 09:03:12 +01:00`."""
    written = moment.isoformat(" ", timespec="seconds")
    return f"{written[:19]} {written[19:]}"


def html(report: Report) -> str:
    """The report as one file: no script, no request, readable in light, dark and on paper."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style = (_HERE / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = show
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    return environment.get_template("report.html.j2").render(
        report=report,
        headline=_headline(report),
        clock=clock,
        meaning=meaning,
        causes=CAUSES,
        words=list(_words(report)),
        version=__version__,
        style=Markup(style),  # noqa: S704  ours
        style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
    )


def pdf(report: Report, paper: str) -> bytes:
    """The report as PDF/A-2a and PDF/UA-1 on `a4` or `letter` paper. PageError names a character
    that no font can show."""
    from ..documents.page import PAPERS, typeset

    data = {
        "campaign": show(report.campaign),
        "summary": _headline(report),
        "paper": PAPERS[paper],
        "day": [report.made_at.year, report.made_at.month, report.made_at.day],
        "sender": [[fact.label, show(fact.words)] for fact in report.sender],
        "head": ["recipient", "by", "address", "state", "last outcome"],
        "steps": [report.clock_name, "there", "event", "what is known of it"],
        "letters": [_letter(sheet, report.clock_name) for sheet in report.sheets],
        "words": [list(pair) for pair in _words(report)],
    }
    return typeset(_HERE / "report.typ", data, "en")


def _letter(sheet: LetterReport, clock_name: str) -> dict[str, Any]:
    at = f"{clock(sheet.at)} {clock_name}"
    if sheet.recipient_time:
        at += f", {clock(sheet.recipient_time)} there ({sheet.zone})"
    facts = [
        ("recipient", sheet.name),
        ("number dialled" if sheet.channel == "fax" else "address", sheet.address),
        ("state", f"{sheet.state}: {meaning(sheet.state, sheet.channel)}"),
        ("last outcome", at),
        *((fact.label, fact.words) for fact in sheet.facts),
        ("delivery", sheet.delivery),
    ]
    row = (sheet.recipient, sheet.channel, sheet.address, sheet.state, clock(sheet.at))
    width, height = sheet.page.size
    return {
        "title": show(f"{sheet.recipient}, by {sheet.channel}: {sheet.state}"),
        "row": [show(words) for words in row],
        "facts": [[name, show(value)] for name, value in facts if value],
        "page": list(sheet.page.png) if sheet.page.png else None,
        "aspect": height / width if width else 1,
        "words": sheet.page.words,
        "history": [
            [
                clock(step.local_time),
                clock(step.recipient_time) if step.recipient_time else "",
                step.event,
                show("; ".join(f"{fact.label}: {fact.words}" for fact in step.facts)),
            ]
            for step in sheet.history
        ],
    }


def _words(report: Report) -> Iterator[tuple[str, str]]:
    """Each word that is used here, and what it means."""
    steps = [step for sheet in report.sheets for step in sheet.history]
    used = {step.event for step in steps} | {sheet.state for sheet in report.sheets}
    causes = {fact.value for step in steps for fact in step.facts if fact.key == "cause"}
    known = [*STATES.items(), *EVENTS.items()]
    yield from ((word, meaning) for word, meaning in known if word in used)
    yield from ((cause, meaning) for cause, (meaning, _) in CAUSES.items() if cause in causes)
    zone = "coordinated universal time" if report.redacted else "the sender's clock"
    yield report.clock_name, zone
    yield "there", "the recipient's clock"
    yield "SHA-256", "a number of a file that no other file has: whoever holds it can compare"
