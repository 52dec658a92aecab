"""Every verb the code records has its sentence, and every sentence is a verb some code records."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from governance.ledger.verbs import VERBS

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("governance", "inventory", "incidents")
BY_HAND = "command.run"  # for people at a shell, and for what tests arrange


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `acting` in the product, with where it stands."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "acting":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def spoken(node: ast.expr | None) -> set[str]:
    """The verbs an argument may come to: a word, one of two words, or a noun with any of its verbs."""
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=body, orelse=orelse):
            return spoken(body) | spoken(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(noun)), *_]) if noun.endswith("."):
            return {verb for verb in VERBS if verb.startswith(noun)}
        case _:
            return set()


def verb_of(call: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == "verb"), None)


def test_every_call_names_its_verb_where_one_can_read_it() -> None:
    passed_on = (ast.Name, ast.Attribute, ast.Subscript)
    unread = [
        where for where, call in calls() if not spoken(verb_of(call)) and not isinstance(verb_of(call), passed_on)
    ]
    assert unread == []


def test_every_verb_has_a_sentence() -> None:
    missing = {verb: where for where, call in calls() for verb in spoken(verb_of(call)) if verb not in VERBS}
    assert missing == {}


def test_every_sentence_belongs_to_a_verb_that_is_spoken() -> None:
    text = "\n".join(
        path.read_text()
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "verbs.py"
    )
    heard = {verb for _, call in calls() for verb in spoken(verb_of(call))}
    silent = sorted(verb for verb in VERBS if verb not in heard and f'"{verb}"' not in text)
    assert silent == [BY_HAND]


def test_sentences_read_on_from_a_name() -> None:
    odd = [sentence for sentence in VERBS.values() if not sentence[0].islower() or sentence.endswith(".")]
    assert odd == []
