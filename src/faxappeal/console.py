"""The screen: results as words for people, or as JSON for scripts. The only module that prints.

Whatever came from a file, a provider or a server is shown escaped. The layout is the same with and
without colour, in 80 columns and for a screen reader: lines, no boxes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from .result import Problem, Result
from .text import show

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from .commands.check import Checked
    from .commands.log import Logged
    from .commands.planning import Plan, Row
    from .commands.preview import Previewed
    from .commands.resolve import Resolved
    from .ledger import Record
    from .plan import Delivery

_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "held": "yellow",
    "waits": "cyan",
    "goes": "green",
    "sent": "green",
    "failed": "red",
    "unknown": "magenta",
    "under way": "cyan",
}


_TAKE_ON = "To take one on: --accept-unverified ID --reason TEXT"


class Console:
    """Where a command's result goes."""

    def __init__(self, *, as_json: bool = False, plain: bool = False) -> None:
        self.as_json, self.plain = as_json, plain
        self._consoles: dict[bool, RichConsole] = {}

    def line(self, *parts: str | tuple[str, str], error: bool = False) -> None:
        """One line; a part is text, or text with the word that gives its colour."""
        file = sys.stderr if error else sys.stdout
        if self._is_plain(file):
            file.write("".join(part if isinstance(part, str) else part[0] for part in parts) + "\n")
            return
        from rich.text import Text

        text = Text()
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            text.append(words, _COLOURS.get(style, style))
        self._rich(error).print(text)

    def _is_plain(self, file: IO[str]) -> bool:
        """Where nobody looks, or somebody listens: no colour, and no need to load Rich."""
        dumb = os.environ.get("TERM") == "dumb" or "NO_COLOR" in os.environ
        return self.plain or dumb or not file.isatty()

    def _rich(self, error: bool) -> RichConsole:
        if error not in self._consoles:
            from rich.console import Console as RichConsole

            self._consoles[error] = RichConsole(
                stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=True
            )
        return self._consoles[error]

    # -- results

    def result(self, result: Result) -> None:
        """A command's end."""
        if self.as_json:
            self.json(result.envelope())
            return
        if result.data:
            getattr(self, f"_{result.command}")(result.data)
        for problem in result.errors:
            self.problem(problem)

    def problem(self, problem: Problem) -> None:
        """One sentence, then what to do."""
        sys.stdout.flush()
        self.line(("Error: ", "error"), _sentence(problem.message), error=True)
        if problem.hint:
            self.line(("Hint: ", "bold"), show(problem.hint), error=True)

    def json(self, data: Any) -> None:
        """One JSON object on one line or, for people who look, on several."""
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")

    def json_line(self, data: Any) -> None:
        """One object of JSON Lines."""
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")

    # -- check

    def _check(self, data: Checked) -> None:
        from .checks.formats import line

        for finding in data.findings:
            self.line((line(finding), finding.level))
            if finding.hint:
                self.line(f"    Hint: {show(finding.hint)}")
        errors = sum(finding.level == "error" for finding in data.findings)
        warnings = len(data.findings) - errors
        self.line(
            f"{_count(data.recipients, 'recipient')} checked: "
            f"{_count(errors, 'error')}, {_count(warnings, 'warning')}."
        )

    # -- preview

    def _preview(self, data: Previewed) -> None:
        shown = ""
        for sheet in data.sheets:
            if sheet.text != shown:
                shown = sheet.text
                for text_line in sheet.text.splitlines():
                    self.line(show(text_line))
                self.line("-" * 72)
            facts = [_count(sheet.pages, "page"), f"{sheet.bytes:,} bytes"]
            if sheet.used is not None:
                which = "full" if sheet.pages == 1 else "of the last"
                facts[0] += f" ({sheet.used:.0%} {which})"
            name = f"{show(sheet.recipient)} {sheet.channel}"
            self.line((name, "bold"), f": {', '.join(facts)}")
            if sheet.seconds and sheet.slow_seconds:
                about = "" if sheet.measured else "about "
                fast, slow = f"{sheet.seconds:.0f} s", f"{sheet.slow_seconds:.0f} s"
                self.line(f"    {about}{fast} on the line at 14,400 bit/s, {slow} at 9,600")
            for file in sheet.files:
                self.line(f"    {show(file)}")
        if data.sheets and not data.sheets[0].files:
            self.line("To see the pages: faxappeal preview --out FOLDER")

    # -- send

    def plan(self, plan: Plan) -> None:
        """The table that a person says yes to."""
        verb = "Would send" if plan.dry_run else "To send"
        count = _count(len(plan.rows), "letter")
        whom = ", all to yourself" if plan.to_me else ""
        self.line((f"{verb}: {count} of {show(plan.campaign)}{whom}", "bold"))
        if plan.dry_run:
            self.line("A dry run: nothing leaves this machine.")
        for number, row in enumerate(plan.rows, 1):
            self.line("")
            self._row(number, row, plan)

    def _row(self, number: int, row: Row, plan: Plan) -> None:
        delivery = row.delivery
        facts = [_count(row.pages, "page")] if row.pages else []
        if row.seconds:
            facts.append(f"{row.seconds:.0f} s on the line")
        self.line(
            f"{number:2}  ",
            (show(delivery.recipient.id), "bold"),
            f"  {delivery.channel}  {show(delivery.contact.written)}",
            f"  ({', '.join(facts)})" if facts else "",
        )
        name = delivery.recipient.name
        if delivery.recipient.care_of:
            name += f", c/o {delivery.recipient.care_of}"
        if delivery.recipient.role == "cc":
            name += " (a copy)"
        self.line(f"    {show(name)}")
        here = plan.moment
        if row.there and delivery.zone:
            zone = show(delivery.zone.key)
            self.line(f"    local time {row.there:%a %H:%M} ({zone}), here {here:%a %H:%M}")
        self.line("    ", *self._fate(row, plan))
        for file in row.files:
            self.line(f"    would hand over {show(file)}")

    def _fate(self, row: Row, plan: Plan) -> list[str | tuple[str, str]]:
        from .commands.planning import HOLDS

        would = "would " if plan.dry_run else ""
        if row.fate == "held":
            why = HOLDS.get(row.reason, "")
            verb = "would be held" if plan.dry_run else "held"
            return [(verb, "held"), f": {row.reason}" + (f" ({why})" if why else "")]
        if row.fate == "waits" and row.until:
            verb = "would wait" if plan.dry_run else "waits"
            cause = row.record.cause if row.record and row.reason == "retry" else None
            why = f"({cause}), then tries again" if cause else f"for {show(row.reason)}"
            return [(verb, "waits"), f" {why}: {_when(row, plan.moment)}"]
        if row.fate == "waits":
            verb = "would wait" if plan.dry_run else "waits"
            return [(verb, "waits"), f": {show(row.reason)}; faxappeal status there asks for it"]
        if row.fate == "goes":
            return [(f"{would}go now" if would else "goes now", "goes")]
        if row.fate == "sent" and row.fresh:
            return [(row.record.state if row.record else "sent", "sent")]
        if row.fate == "sent":
            again = "would not go again" if plan.dry_run else "not sent again"
            return [("sent already", "sent"), f": {row.reason}; {again}"]
        if row.fate == "unknown":
            return [
                ("unknown", "unknown"),
                f": it may have arrived, so it is not sent again ({show(row.reason)})",
            ]
        if row.fate == "failed":
            return [("failed", "failed"), f": {show(row.reason)}"]
        return [(row.fate, row.fate), f": {show(row.reason)}"]

    def changed(self, delivery: Delivery, record: Record) -> None:
        """What just became of a delivery, while the run goes on."""
        if self.as_json:
            return
        words = record.state if not record.cause else f"{record.state} ({record.cause})"
        more = ""
        if record.state == "waiting" and record.next_at:
            zone = delivery.zone
            there = f"{record.next_at.astimezone(zone):%a %H:%M} there, " if zone else ""
            more = f" until {there}{record.next_at.astimezone():%a %H:%M} here"
        elif record.note and record.note != "retry":
            more = f": {show(record.note)}"
        self.line(
            f"{record.updated_at.astimezone():%H:%M:%S}  ",
            (show(delivery.recipient.id), "bold"),
            f"  {delivery.channel}  ",
            (words, record.state),
            more,
        )

    def _send(self, plan: Plan) -> None:
        if plan.dry_run:
            from .campaign import OUTBOX

            self.plan(plan)
            self.line("")
            self.line(f"What would be handed over lies in {OUTBOX}/.")
            if held := sum(row.fate == "held" for row in plan.rows):
                self.line(f"{_count(held, 'letter')} would be held.", *_ways_out(plan.rows, " "))
            return
        self._outcomes(plan)

    def _outcomes(self, plan: Plan) -> None:
        self.line("")
        for number, row in enumerate(plan.rows, 1):
            delivery = row.delivery
            self.line(
                f"{number:2}  ",
                (show(delivery.recipient.id), "bold"),
                f"  {delivery.channel}  {show(delivery.contact.written)}",
            )
            self.line("    ", *self._fate(row, plan))
        self.line("")
        for way_out in _ways_out(plan.rows):
            self.line(way_out)
        self.line(*_last_line(plan.rows))

    def _status(self, plan: Plan) -> None:
        for row in plan.rows:
            delivery = row.delivery
            state = row.record.state if row.record else "planned"
            self.line(
                f"{delivery.id}  ",
                (show(delivery.recipient.id), "bold"),
                f"  {delivery.channel}  {show(delivery.contact.written)}  ",
                (state, row.fate),
            )
            if row.fate == "goes":
                self.line("    not sent yet")
            else:
                self.line("    ", *self._fate(row, plan))
        self.line("")
        self.line(*_last_line(plan.rows))

    # -- resolve

    def _resolve(self, data: Resolved) -> None:
        record = data.record
        told = {"delivered": "is delivered", "waiting": "was not sent: faxappeal send sends it"}
        self.line(
            (show(record.recipient), "bold"),
            f"  {record.channel}  {show(record.address)}  {told[record.state]}.",
        )

    # -- log

    def _log(self, data: Logged) -> None:
        if not data.events:
            self.line(f"Nothing was sent yet of {show(data.campaign)}.")
        for event in data.events:
            facts = [
                f"attempt {event.attempt}" if event.attempt else "",
                event.cause or "",
                f"{event.pages} pages confirmed" if event.pages is not None else "",
                f"{event.account} {event.account_reference or ''}".strip() if event.account else "",
                event.note or "",
                event.raw or "",
            ]
            told = "; ".join(show(fact) for fact in facts if fact)
            self.line(
                f"{event.at.astimezone():%Y-%m-%d %H:%M:%S %z}  ",
                (show(event.recipient), "bold"),
                f"  {event.channel}  {show(event.address)}  ",
                (event.event, event.event),
                f"  {told}" if told else "",
            )


def _ways_out(rows: Sequence[Row], before: str = "") -> list[str]:
    """What a person may type to send what is not sent by itself."""
    held = {row.reason for row in rows if row.fate == "held"}
    ways = [_TAKE_ON] if held & {"unverified", "stale"} else []
    if any(row.needs_again for row in rows):
        ways.append("To send one once more: --again --to ID")
    for row in rows:
        if row.fate == "unknown":
            ways.append(
                f"When you know more: faxappeal resolve {row.delivery.id} delivered|not-sent"
            )
            break
    return [before + way for way in ways]


def _last_line(rows: Sequence[Row]) -> list[str | tuple[str, str]]:
    """How many letters left, and never hidden: how many did not."""
    unknown = sum(row.fate == "unknown" or row.is_open for row in rows)
    left = sum(row.fate in ("sent", "under way") and not row.is_open for row in rows)
    not_left = len(rows) - left - unknown
    if not rows:
        return ["There is no such letter."]
    if not not_left and not unknown:
        return [("The letter is sent." if left == 1 else f"All {left} letters are sent.", "sent")]
    parts = [f"{_count(left, 'letter')} sent."]
    if unknown:
        parts.append(f"{_count(unknown, 'letter')}: unknown, look at faxappeal log.")
    if not_left:
        verb = "has" if not_left == 1 else "have"
        parts.append(f"{_count(not_left, 'letter')} {verb} NOT left.")
    return [(" ".join(parts), "warning")]


def _when(row: Row, moment: datetime) -> str:
    assert row.until
    here = row.until.astimezone(moment.tzinfo)
    there = (
        f"{row.until.astimezone(row.delivery.zone):%a %H:%M} there, " if row.delivery.zone else ""
    )
    return f"until {there}{here:%a %H:%M} here"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _sentence(message: str) -> str:
    text = show(message).rstrip(".")
    return f"{text}."
