"""What `check`, `preview`, `resolve` and `log` have to say."""

from __future__ import annotations

import shlex
from textwrap import wrap
from typing import TYPE_CHECKING

from ..core.lifecycle import ContactStatus, Fate, State
from ..core.text import show
from .phrases import count

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
    for name in data.files:
        console.line(f"Written: {show(str(data.folder / name))}")
    for name in data.kept:
        console.line(f"Left as it was: {show(str(data.folder / name))}")
    folder_option = "" if str(data.folder) == "." else f" -C {shlex.quote(str(data.folder))}"
    console.line("")
    console.line(f"Fill in the {count(data.marks, 'place')} marked FILL IN, then:")
    console.line(f"    faxappeal{folder_option} check")


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
            for text_line in sheet.text.splitlines():
                console.line(show(text_line))
            console.line("-" * 72)
        facts = [count(sheet.pages, "page"), f"{sheet.bytes:,} bytes"]
        if sheet.used is not None:
            which = "full" if sheet.pages == 1 else "of the last"
            facts[0] += f" ({sheet.used:.0%} {which})"
        name = f"{show(sheet.recipient)} {sheet.channel}"
        console.line((name, "bold"), f": {', '.join(facts)}")
        if sheet.seconds and sheet.slow_seconds:
            fast, slow = f"{sheet.seconds:.0f} s", f"{sheet.slow_seconds:.0f} s"
            console.line(f"    about {fast} on the line at 14,400 bit/s, {slow} at 9,600")
        for file in sheet.files:
            console.line(f"    {show(file)}")
    if data.sheets and not data.sheets[0].files:
        console.line("To see the pages: faxappeal preview --out FOLDER")


def resolve(console: Console, data: ResolveResult) -> None:
    """What a person settled."""
    told = {
        State.DELIVERED: "is delivered",
        State.WAITING: "was not sent: faxappeal send sends it",
    }
    console.line(
        (show(data.recipient), "bold"),
        f"  {data.channel}  {show(data.address)}  {told[data.state]}.",
    )


def verify(console: Console, data: VerifyResult | LookupResult | CheckCallResult) -> None:
    """What the list says now, or what Twilio says."""
    from ..commands.verify_call import CheckCallResult
    from ..commands.verify_lookup import LookupResult

    if isinstance(data, CheckCallResult):
        earlier = "An earlier call: " if data.earlier else ""
        whose = (show(data.recipient), "bold")
        console.line(whose, f"  {data.address}  {earlier}{data.words}.")
        return
    if isinstance(data, LookupResult):
        _looked_up(console, data)
        return
    contact = data.contact
    console.line(
        (show(data.recipient), "bold"),
        f"  {contact.channel}  {show(contact.raw_address)}  ",
        (ContactStatus.ACTIVE, Fate.GOES),
        f", checked {contact.last_verified} by {show(contact.verified_by or '')}"
        f" ({contact.method})",
    )
    if data.lifted:
        console.line(f"It was held: {show(data.lifted)}. It is not any more.")


def _looked_up(console: Console, data: LookupResult) -> None:
    line = data.line
    kind = "unknown kind of line" if line.kind == "unknown" else line.kind
    words = "valid" if line.is_valid else "not valid"
    carrier = f", {show(line.carrier)}" if line.carrier else ""
    console.line(
        (show(data.recipient), "bold"), f"  {data.address}  {words}, {show(kind)}{carrier}"
    )
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
        told = "; ".join(show(fact) for fact in facts if fact)
        # who looks gets the facts below; a file or a pipe gets a line for each event
        below = bool(told) and console.is_live
        console.line(
            f"{event.at.astimezone():%Y-%m-%d %H:%M:%S %z}  ",
            (show(event.recipient), "bold"),
            f"  {event.channel}  {show(event.address)}  ",
            (event.event, event.event),
            f"  {told}" if told and not below else "",
        )
        if below:
            console.line(f"    {told}")


def report(console: Console, data: Report) -> None:
    """Proof of sending in short, and where the whole of it is."""
    from ..report.render import clock, summary

    for sheet in data.sheets:
        console.line(
            f"{sheet.delivery}  ",
            (show(sheet.recipient), "bold"),
            f"  {sheet.channel}  {show(sheet.address)}  ",
            (sheet.state, sheet.state),
            f"  {clock(sheet.at)}",
        )
    console.line(summary(data))
    for file in data.files:
        console.line(f"Written: {show(file)}")
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
        told = ("holds: ", place.holds), ("goes:  ", place.goes)
        for word, text in told if place.goes else (("", place.holds),):
            lines = wrap(text, 74, initial_indent=word, subsequent_indent=" " * len(word))
            for line in lines:
                console.line(f"    {line}")
    console.line("")
    console.line(f"{count(data.letters, 'letter')} in the ledger with number or address.")
    console.line("The ledger holds no secret, no letter's text and no sender's name.")
    console.line("What is deleted may stay on a disk for a while: encrypt the disk.")


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
