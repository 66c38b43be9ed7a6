"""Count the words that the project avoids, such as "whoever" and "anew". Part of `make lint`.

`words.toml` holds the words, the plain words for them, and the last count of src, docs and
README.md. A higher count is an error. After a lower one, `python -m tools.words --lower` writes the
new number. Names in the code count too: `under_way` and `UnderWay` are "under way".
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import git

ROOT = Path(__file__).parents[1]
RULES = "tools/words.toml"
TEXTS = ("src", "docs", "README.md")
SUFFIXES = (".py", ".md", ".j2", ".typ", ".css", ".toml", ".yml", ".yaml")
LETTERS = "docs/pictures/letters"  # samples in other languages
SHOWN = 40

# Between two words: a space or an underscore, or the end of a line and what begins the next one (a
# comment, a quotation, a second string).
_GAP = r"""(?:_|[ \t]+|[ \t"]*\n[\s#>"]*(?:[rf]")?)"""
_START = r"(?:(?<![^\W\d_])|(?<=[a-z])(?=[A-Z]))"
_END = r"(?:(?![^\W\d_])|(?<=[a-z])(?=[A-Z]))"


@dataclass(frozen=True)
class Rules:
    count: int
    pattern: re.Pattern[str]  # group 1 matches the exceptions, group 2 the first row, and so on
    plain: Sequence[str]  # one text for each row


@dataclass(frozen=True)
class Place:
    path: str
    line: int
    word: str
    plain: str
    text: str  # the whole line, without spaces at its ends


def rules(root: Path) -> Rules:
    """The content of words.toml."""
    content = tomllib.loads((root / RULES).read_text(encoding="utf-8"))
    rows = content["avoid"]
    groups = [content["except"], *(row["words"] for row in rows)]
    choice = "|".join(f"({'|'.join(map(_forms, words))})" for words in groups)
    pattern = re.compile(f"{_START}(?:{choice})")
    return Rules(content["count"], pattern, [row["plain"] for row in rows])


def _forms(words: str) -> str:
    """A regular expression for some words as prose, constant or class name. Upper and lower case
    differ, so that "is none" does not match "is None"."""
    parts = words.split()
    after = _END
    if parts[-1] == "…":  # some word has to follow; it is not part of the match
        parts.pop()
        after += rf"(?={_GAP}?\w)"
    first = parts[0][0]
    prose = [f"[{first.upper()}{first}]{re.escape(parts[0][1:])}", *map(_part, parts[1:])]
    forms = [_GAP.join(prose), _GAP.join(_part(part.upper()) for part in parts)]
    if len(parts) > 1:
        forms.append("".join(_part(part.capitalize()) for part in parts))
    return f"(?:{'|'.join(forms)}){after}"


def _part(word: str) -> str:
    return r"\w+" if word == "…" else re.escape(word)


def places(root: Path, known: Rules) -> Iterator[Place]:
    """Every avoided word, in the order of files and lines."""
    for path in _texts(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        for found in known.pattern.finditer(text):
            row = found.lastindex or 1
            if row == 1:
                continue
            line = text.count("\n", 0, found.start())
            word = re.sub(r'[\s#>"]+', " ", found[0])
            yield Place(name, line + 1, word, known.plain[row - 2], lines[line].strip())


def _texts(root: Path) -> Iterator[Path]:
    for name in TEXTS:
        inside = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        for path in inside:
            if path.suffix in SUFFIXES and root / LETTERS not in path.parents:
                yield path


def new(root: Path, found: Sequence[Place]) -> Sequence[Place]:
    """The places on lines written since the count was; all places if git does not know."""
    commit = (git.output(root, "log", "-1", "--format=%H", "--", RULES) or "").strip()
    old = git.output(root, "grep", "-h", "-I", "-e", "", commit, "--", *TEXTS) if commit else None
    before = {line.strip() for line in (old or "").splitlines()}
    return [place for place in found if place.text not in before] or found


def check(root: Path, *, lower: bool = False) -> int:
    """Compare the count with the one in words.toml; return the exit code."""
    known = rules(root)
    found = list(places(root, known))
    if len(found) > known.count:
        shown = new(root, found)
        for place in shown[:SHOWN]:
            print(f'{place.path}:{place.line}: "{place.word}" (plain: {place.plain})')
        if len(shown) > SHOWN:
            print(f"… and {len(shown) - SHOWN} more")
        print(f"words: {len(found)} avoided words, {known.count} are allowed ({RULES})")
        return 1
    if len(found) == known.count:
        print(f"words: {len(found)} avoided words, as before")
    elif lower:
        path = root / RULES
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^count = \d+", f"count = {len(found)}", text, count=1, flags=re.M)
        path.write_text(text, encoding="utf-8")
        print(f"words: the count in {RULES} is now {len(found)}, was {known.count}")
    else:
        print(f"words: the count may be lowered to {len(found)}: python -m tools.words --lower")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lower", action="store_true", help="write a lower count to words.toml")
    return check(ROOT, lower=parser.parse_args().lower)


if __name__ == "__main__":
    sys.exit(main())
