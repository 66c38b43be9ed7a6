"""What `check`, `preview`, `resolve` and `log` have to say."""

from __future__ import annotations

import shlex
from textwrap import wrap
from typing import TYPE_CHECKING

from ..core.lifecycle import ContactStatus, Fate, State
from ..core.text import show
from .phrases import Part, count, letter_name

if TYPE_CHECKING:
    from ..commands.accounts import AccountsResult
    from ..commands.check import CheckResult
    from ..commands.init import InitResult
    from ..commands.log import LogResult
    from ..commands.preview import PreviewResult
    from ..commands.privacy import PrivacyResult
    from ..commands.purge import PurgeResult
    from ..commands.resolve import ResolveResult
    from ..commands.verify import VerifyResult
    from ..commands.verify_call import CheckCallResult
    from ..commands.verify_lookup import LookupResult
    from ..report.model import Report
    from .console import Console


def init(console: Console, data: InitResult) -> None:
    """What was written, and what to do next."""
    console.lines(*(f"Written: {show(str(data.folder / name))}" for name in data.files))
    console.lines(*(f"Left as it was: {show(str(data.folder / name))}" for name in data.kept))
    option = "" if str(data.folder) == "." else f" -C {shlex.quote(str(data.folder))}"
    marks = count(data.marks, "place")
    console.lines("", f"Fill in the {marks} marked FILL IN, then:", f"    faxappeal{option} check")


def check(console: Console, data: CheckResult) -> None:
    """The findings."""
    from .check_formats import line, summary

    for finding in data.findings:
        console.line((line(finding), finding.level))
        text = data.texts.get(finding.path)
        if text and console.is_live:
            from .snippet import excerpt

            for words in excerpt(text, finding.place, console.width):
                console.line((words, "quiet"), whole=True)
        if finding.hint:
            console.line(f"    Hint: {show(finding.hint)}")
    console.line(summary(data.findings, data.recipients))
    if data.unread:
        verb = "is" if data.unread == 1 else "are"
        console.line(f"{data.unread} more {verb} not checked further: mend the errors first.")


def preview(console: Console, data: PreviewResult) -> None:
    """The letter, and facts of its pages."""
    shown = ""
    for sheet in data.sheets:
        if sheet.text != shown:
            if shown:
                console.line("")
            shown = sheet.text
            console.lines(*map(show, sheet.text.splitlines()), "-" * 72)
        facts = [count(sheet.pages, "page"), f"{sheet.bytes:,} bytes"]
        if sheet.used is not None:
            which = "full" if sheet.pages == 1 else "of the last"
            facts[0] += f" ({sheet.used:.0%} {which})"
        console.line((f"{show(sheet.recipient)} {sheet.channel}", "bold"), f": {', '.join(facts)}")
        if sheet.seconds and sheet.slow_seconds:
            fast, slow = f"{sheet.seconds:.0f} s", f"{sheet.slow_seconds:.0f} s"
            console.line(f"    about {fast} on the line at 14,400 bit/s, {slow} at 9,600")
        console.lines(*(f"    {show(file)}" for file in sheet.files))
    if data.sheets and not data.sheets[0].files:
        console.line("To see the pages: faxappeal preview --out FOLDER")


def resolve(console: Console, data: ResolveResult) -> None:
    """What a person settled."""
    outcome = {
        State.DELIVERED: "is delivered",
        State.WAITING: "was not sent: faxappeal send sends it",
    }
    name = letter_name(data.recipient, data.channel, data.address)
    console.line(*name, f"  {outcome[data.state]}.")


def verify(console: Console, data: VerifyResult | LookupResult | CheckCallResult) -> None:
    """What the list says now, or what Twilio says."""
    from ..commands.verify_call import CheckCallResult
    from ..commands.verify_lookup import LookupResult

    if isinstance(data, CheckCallResult):
        earlier = "An earlier call: " if data.earlier else ""
        name = (show(data.recipient), "bold")
        console.line(name, f"  {data.address}  {earlier}{data.words}.")
        return
    if isinstance(data, LookupResult):
        _looked_up(console, data)
        return
    contact = data.contact
    console.line(
        *letter_name(data.recipient, contact.channel, contact.raw_address),
        "  ",
        (ContactStatus.ACTIVE, Fate.GOES),
        f", checked {contact.last_verified} by {show(contact.verified_by or '')}"
        f" ({contact.method})",
    )
    if data.lifted:
        console.line(f"It was held: {show(data.lifted)}. It is not any more.")


def _looked_up(console: Console, data: LookupResult) -> None:
    line = data.line
    kind = "unknown kind of line" if line.kind == "unknown" else line.kind
    words = f"{'valid' if line.is_valid else 'not valid'}, {show(kind)}"
    carrier = f", {show(line.carrier)}" if line.carrier else ""
    console.line((show(data.recipient), "bold"), f"  {data.address}  {words}{carrier}")
    if data.doubt:
        console.line(("    Ask the office: ", "warning"), f"{data.doubt}.")
    console.line("    Whether a fax is behind it, only a person there knows.")


def log(console: Console, data: LogResult) -> None:
    """The delivery log."""
    if not data.total:
        console.line(f"Nothing was sent yet of {show(data.campaign)}.")
    elif not data.events:
        console.line(f"None of {count(data.total, 'event')} is what you asked for.")
    for event in data.events:
        facts = [
            f"attempt {event.attempt}" if event.attempt else "",
            event.cause or "",
            f"{count(event.pages, 'page')} confirmed" if event.pages is not None else "",
            f"answered as {event.station}" if event.station else "",
            f"{event.seconds:.0f} s" if event.seconds else "",
            f"{event.rate} bit/s" if event.rate else "",
            event.price or "",
            f"{event.account} {event.account_reference or ''}".strip() if event.account else "",
            event.note or "",
            event.raw if event.raw and event.raw != event.note else "",
        ]
        words = "; ".join(show(fact) for fact in facts if fact)
        line: list[Part] = [
            f"{event.at.astimezone():%Y-%m-%d %H:%M:%S %z}  ",
            *letter_name(event.recipient, event.channel, event.address),
            "  ",
            (event.event, event.event),
        ]
        if not words:
            console.line(*line)
        elif console.is_live:  # on a terminal the facts are below
            console.line(*line)
            console.line(f"    {words}")
        else:  # a file or a pipe gets a line for each event
            console.line(*line, f"  {words}")


def report(console: Console, data: Report) -> None:
    """Proof of sending in short, and where the whole of it is."""
    from ..report.render import clock, summary

    for sheet in data.sheets:
        console.line(
            f"{sheet.delivery}  ",
            *letter_name(sheet.recipient, sheet.channel, sheet.address),
            "  ",
            (sheet.state, sheet.state),
            f"  {clock(sheet.at)}",
        )
    console.lines(summary(data), *(f"Written: {show(file)}" for file in data.files))
    if not data.files and data.sheets:
        console.line("To keep it: faxappeal report --html FILE, or --pdf FILE; --redact to publish")


def purge(console: Console, data: PurgeResult) -> None:
    """What was forgotten."""
    console.line(
        f"{count(data.letters, 'letter')} scrubbed, {count(data.documents, 'document')} deleted."
    )
    if data.kept:
        console.line(
            f"{count(data.kept, 'letter')} kept: under way, waiting, held, an e-mail that may still"
            f" come back, or ended within {show(data.older_than)}."
        )


def privacy(console: Console, data: PrivacyResult) -> None:
    """What lies where."""
    for place in data.places:
        console.line((place.name, "bold"), f"  {show(place.where)}")
        texts = {"": place.holds}
        if place.goes:
            texts = {"holds: ": place.holds, "goes:  ": place.goes}
        for label, text in texts.items():
            indent = " " * (4 + len(label))
            lines = wrap(text, 78, initial_indent=f"    {label}", subsequent_indent=indent)
            console.lines(*lines)
    console.lines(
        "",
        f"{count(data.letters, 'letter')} in the ledger with number or address.",
        "The ledger holds no secret, no letter's text and no sender's name.",
        "What is deleted may stay on a disk for a while: encrypt the disk.",
    )


def accounts(console: Console, data: AccountsResult) -> None:
    """What each account said."""
    words = {True: ("ok", Fate.GOES), False: ("bad", Fate.FAILED), None: ("?", Fate.WAITS)}
    for tried in data.accounts:
        console.line((tried.account, "bold"), f"  {tried.channel}")
        for check in tried.checks:
            word, colour = words[check.ok]
            console.line("    ", (f"{word:4}", colour), f"{check.name}: {show(check.words)}")
            if check.hint:
                console.line(f"        Hint: {show(check.hint)}")
