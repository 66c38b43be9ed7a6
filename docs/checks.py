"""Write docs/reference/checks.md from the rules themselves: `make docs`. The tests look whether the
page is as it would be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent / "reference" / "checks.md"
_HEAD = """\
# Checks

`faxappeal check` says where a list, a letter or settings are wrong:
`file:line:column: level rule message`. An error keeps a letter from being sent; a warning counts
only with `--strict`.

A warning that a person has looked at is silenced in the file, in its line or alone in the line
above, with a reason for whoever reads it next. An error cannot be silenced.

```yaml
fax: "+1 613 555 0100"  # faxappeal: ignore number-country: their office in Ottawa
```

"""


def written() -> str:
    """The page as it should be."""
    return _HEAD + "\n".join(_sections())


def _sections() -> Iterator[str]:
    from faxappeal.checks.docs import pages

    found = list(pages())
    yield "| rule | level | what it says |\n|---|---|---|"
    for page in found:
        yield f"| [`{page.id}`](#{page.id}) | {page.level} | {page.summary} |"
    for page in found:
        yield f"\n## {page.id}\n\n*{page.level}*\n\n{page.text.strip()}"
        if page.level == "warning":
            yield f"\nTo silence it: `# faxappeal: ignore {page.id}: who looked at it, and why`"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
