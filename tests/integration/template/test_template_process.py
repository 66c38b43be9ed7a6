"""Templates run in a process of their own: what it may take, and what it cannot see."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign import template
from faxappeal.campaign.letter import LetterError, LetterSource
from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.core.json import from_data
from tests.support.campaigns import run, write
from tests.support.letter_sources import CONTEXT, HEAD, source, text_of

# with two copies, 2 to the power of 40 turns that write nothing
NO_END = "{% for a in copies %}" * 40 + "{% endfor %}" * 40


def test_one_process_writes_many_letters() -> None:
    templates = TemplateProcess()
    made = source("Dear {{ to.name }},")
    for number in range(5):
        letter = templates.render(made, CONTEXT | {"to": {"name": f"Office *{number}*"}})
        assert text_of(letter.body) == f"Dear Office *{number}*,"
        assert letter.subject == ("Please answer",)


def test_an_error_keeps_its_place_and_its_words() -> None:
    templates = TemplateProcess()
    with pytest.raises(LetterError) as refused:
        templates.render(source("Hello\n\n{{ to.nmae }}\n"), CONTEXT)
    finding = refused.value.finding
    assert (finding.place.line, finding.place.column) == (6, 4)
    assert (finding.message, finding.hint) == (
        "to.nmae is unknown or empty", "did you mean name?",
    )  # fmt: skip
    assert text_of(templates.render(source("still there"), CONTEXT).body) == "still there"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{{ 'a' * 10 ** 10 }}", id="a constant of 10 GB"),
        pytest.param("{{ to.name * 10 ** 10 }}", id="a text of 10 GB"),
        pytest.param("{{ 10 ** (10 ** 10) }}", id="a number without end"),
        pytest.param("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", id="T12"),
        pytest.param(NO_END, id="T13: loops in loops"),
        pytest.param("x" * 300_000, id="output"),
        pytest.param("{% if 1 %}" * 5_000 + "{% endif %}" * 5_000, id="nesting"),
    ],
)
def test_what_takes_too_much_is_refused_and_said_for_every_recipient(body: str) -> None:
    templates = TemplateProcess(seconds=2)
    for _recipient in range(3):
        with pytest.raises(LetterError) as refused:
            templates.render(source(body), CONTEXT)
        assert refused.value.finding.rule == "letter-template"
        assert refused.value.finding.place.line >= 4


def test_check_says_it_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faxappeal.campaign.template_process.SECONDS", 1)
    copies = "".join(
        f"  - {{id: c{n}, name: Copy, role: cc, country: US, fax: '+1202555010{n}', source: x}}\n"
        for n in range(2, 4)
    )
    recipients = (
        "recipients:\n  - {id: one, name: Office, country: US, salutation: Hello,"
        " fax: '+12025550101', source: test, timezone: America/New_York}\n" + copies
    )
    write(tmp_path, recipients, letter=HEAD + NO_END)
    result = run("check", folder=tmp_path)
    assert result.code == 1
    [line] = [line for line in result.out.splitlines() if "letter.j2" in line]
    assert line.startswith("letter.j2:4:1: error letter-template the template takes more than")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_secret_is_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "hunter2")
    monkeypatch.setenv("SOME_TOKEN", "hunter2")
    templates = TemplateProcess()
    templates.render(source("x"), CONTEXT)
    assert templates._process
    assert b"hunter2" not in Path(f"/proc/{templates._process.pid}/environ").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_ends_with_the_run() -> None:
    templates = TemplateProcess()
    templates.render(source("x"), CONTEXT)
    assert templates._process
    process = Path(f"/proc/{templates._process.pid}")
    assert process.exists()
    del templates
    assert not process.exists()


def test_what_goes_between_the_processes_is_json() -> None:
    made = source("x")
    data: dict[str, Any] = json.loads(json.dumps(asdict(made)))
    assert from_data(LetterSource, data) == made == template._source(data)
