"""Check the subjects of commits: `area: Imperative`, at most 72 characters. Part of `make lint`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import git

ROOT = Path(__file__).parents[1]
BASE = "fef82c1a5ab83b294ceadb5fdcc49b5c712eca81"  # the last commit before the rules
LONGEST = 72
_AREA = re.compile(r"[a-z0-9]+((, |[ -])[a-z0-9]+)*")
# Imperatives that look like "-ed", "-ing" or "-s"; every word in "-ss" is one ("Pass", "Address").
_IMPERATIVES = frozenset({
    "bleed", "breed", "embed", "exceed", "feed", "heed", "need", "proceed", "seed", "shed", "shred",
    "speed", "succeed", "wed", "weed",
    "bring", "cling", "ping", "ring", "sing", "spring", "sting", "string", "swing", "wing",
    "alias", "bias", "canvas", "focus",
})  # fmt: skip


def problems(subject: str) -> Iterator[str]:
    """What is wrong with one subject."""
    if len(subject) > LONGEST:
        yield f"{len(subject)} characters, at most {LONGEST}"
    area, colon, rest = subject.partition(": ")
    if not colon:
        yield "not `area: Imperative`"
        return
    if not _AREA.fullmatch(area):
        yield f"area {area!r}: use lower-case letters, digits, hyphens, commas and spaces"
    if not rest[:1].isupper():
        yield "no capital letter after the colon"
    found = re.match(r"\w+", rest)
    if found and not _imperative(found[0].lower()):
        yield f"{found[0]!r} is not an imperative, such as 'Add' or 'Fix'"


def _imperative(word: str) -> bool:
    """Guess from the ending: "-ed", "-ing" and "-s" are other forms of a verb."""
    if word in _IMPERATIVES or word.endswith("ss"):
        return True
    return not word.endswith(("ed", "ing", "s"))


def check(folder: Path, base: str) -> int:
    """Print every bad subject after `base` with its short hash; return the exit code. Merge commits
    do not count."""
    if git.output(folder, "merge-base", "--is-ancestor", base, "HEAD") is None:
        print(f"commits: skipped, the history does not contain {base[:7]}")
        return 0
    log = git.output(folder, "log", "--no-merges", "--format=%h%x09%s", f"{base}..HEAD") or ""
    bad = 0
    for line in log.splitlines():
        commit, _, subject = line.partition("\t")
        if reasons := list(problems(subject)):
            print(f"{commit} {subject}\n    {'; '.join(reasons)}")
            bad += 1
    if not bad:
        print("commits: all subjects are `area: Imperative`")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(check(ROOT, BASE))
