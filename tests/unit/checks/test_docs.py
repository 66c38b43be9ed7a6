"""The manual pages of what is found while the files are read: `faxappeal/checks/pages`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from faxappeal.checks import docs, parse_errors, registry
from tests.support.campaigns import ROOT

SOURCE = ROOT / "src" / "faxappeal"
RULES = {*registry.LIST_RULES, *registry.CAMPAIGN_RULES}  # their pages are docstrings


def rules_named_in(module: Path) -> Iterator[str]:
    """The texts in a module that are a finding's rule: an argument for a parameter `rule`, or its
    default; a variable of that name; in senders.py, the second of four yielded values."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    position = {"Finding": 3, "error": 1, "warning": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [each for each in node.args.args if each.arg != "self"]
            names = [each.arg for each in arguments]
            if "rule" in names:
                position[node.name] = names.index("rule")
                defaults = dict(zip(reversed(names), reversed(node.args.defaults), strict=False))
                yield from texts(defaults.get("rule"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in position:
                yield from texts(*node.args[position[name] : position[name] + 1])
                yield from texts(*(each.value for each in node.keywords if each.arg == "rule"))
            case ast.Assign(targets=[ast.Name(id="rule" | "RULE")]):
                yield from texts(node.value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, value in zip(targets, values, strict=True):
                    if isinstance(target, ast.Name) and target.id == "rule":
                        yield from texts(value)
            case ast.Yield(value=ast.Tuple(elts=[_, rule, _, _])):
                yield from texts(rule)


def texts(*values: ast.expr | None) -> Iterator[str]:
    """The values that are written as text; of a choice, both."""
    for value in values:
        match value:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp(body=one, orelse=other):
                yield from texts(one, other)


def test_every_page_is_used_and_every_such_finding_has_a_page() -> None:
    modules = [path for path in SOURCE.rglob("*.py") if path.parent != SOURCE / "checks" / "rules"]
    named = {rule for module in modules for rule in rules_named_in(module)}
    assert {"ignore", "fill-in", "consent", "fax-number", "bad-value", "letter"} <= named
    assert named - RULES == parse_errors.ids()


def test_no_page_is_hidden_by_that_of_a_rule() -> None:
    assert not parse_errors.ids() & RULES


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "checks" / "pages").iterdir()), ids=lambda path: path.stem
)
def test_a_page_is_its_file_after_the_level(path: Path) -> None:
    page = docs.manual(path.stem)
    assert f"level: {page.level}\n\n{page.text}\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", list(docs.pages()), ids=lambda page: page.id)
def test_every_page_has_a_bad_and_a_good_example(page: docs.Page) -> None:
    assert page.summary.endswith(".") and 0 < page.text.find("Bad:\n") < page.text.find("Good:\n")


def test_the_pages_are_sorted_and_there_is_one_for_each_rule() -> None:
    ids = [page.id for page in docs.pages()]
    assert ids == sorted(RULES | parse_errors.ids())


def test_a_summary_is_the_first_paragraph_on_one_line() -> None:
    page = docs.Page("odd", "error", "It is\nodd.\n\nBad:\n\n    x")
    assert page.summary == "It is odd."
