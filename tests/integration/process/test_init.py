"""`faxappeal init` asks on a terminal."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.support.terminal import Terminal


def test_on_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "init", "c", "--sender", "Erika Mustermann")
    for question, answer in (
        (b"campaign [c]:", b""),
        (b"each page):", b"030"),
        (b"each page):", b"+49 30 23125 012"),
        (b"come there):", b""),
        (b"or none):", b"sinhc"),
        (b"or none):", b"sinch"),
        (b"or none):", b"none"),
    ):
        terminal.until(question)
        terminal.type(answer)
    code, shown = terminal.end()
    assert code == 0 and "030 is no number" in shown and "did you mean sinch?" in shown
    data = tomllib.loads((tmp_path / "c" / "faxappeal.toml").read_text(encoding="utf-8"))
    assert data["sender"]["phone"] == "+49 30 23125 012" and "email" not in data
    assert data["sender"]["email"].startswith("FILL IN")
