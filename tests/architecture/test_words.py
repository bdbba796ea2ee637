"""Words that are never shown: the output of a review is a recommendation, and the Director determines.

``test_messages`` holds the message catalogue to the same list; here follow the checklists, the marking
rules, and every string literal of the program.
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_messages import FORBIDDEN
from tests.architecture.tree import ROOT, name_of, python_files, syntax

# Literals that no person reads as a statement of ours, each with the reason it may stay.
EXCEPTIONS = {
    (
        "reports/verifying_pdf.py",
        "not-permitted",
    ): "the name of a finding, not a sentence; the catalogue words it",
    (
        "workstation/core/media.py",
        "safe-to-remove",
    ): "the one thing that may be called safe: taking a medium out",
    ("workstation/examine/weights/gguf.py", "general.license"): "a field name of the GGUF format",
    ("workstation/examine/weights/gguf.py", "licence"): "what such a field says about the submitter's file",
}
# Bills of material have fields that are called so; what stands in them is the submitter's own.
FIELD_FOLDER, FIELD_WORD = "workstation/examine/inventories/", re.compile(r"licen[cs]es?", re.IGNORECASE)
# The control system Special Intelligence is the only SI: no other file has a use for the two letters.
SI_FILES = (
    "workstation/core/markings/",
    "workstation/app/markings.py",
    "reports/styles.py",  # the colour of SCI markings
    "ui/theme.py",  # the same colour on screen
)
SI = re.compile(r"\bSI\b")
AI_ABBREVIATED = re.compile(r"super[ -]?intelligence\W{0,3}\(?\s*SI\b", re.IGNORECASE)


def _documentation(tree: ast.Module) -> set[int]:
    """The docstrings, which are read by people who read code."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = (node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body)
    return {id(first.value) for first in firsts if isinstance(first, ast.Expr)}


def _literals() -> Iterator[tuple[Path, int, str]]:
    for path in python_files("ui", "reports", "workstation"):
        tree = syntax(path)
        skipped = _documentation(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield path, node.lineno, node.value


def _texts(value: object) -> Iterator[str]:
    """Every text in parsed JSON or TOML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _content_files() -> list[Path]:
    folders = ("checklists", "vocabularies", "benchmarks", "messages")
    files = [path for folder in folders for path in sorted((ROOT / "resources" / folder).rglob("*.*"))]
    return [path for path in files if path.suffix in {".json", ".toml"}]


def test_no_literal_says_what_the_program_may_not_say() -> None:
    """No string of the program promises, approves or refuses a model."""
    wrong = [
        f"{name_of(path)}:{line}: {match[0]}"
        for path, line, text in _literals()
        if (name_of(path), text) not in EXCEPTIONS
        for match in FORBIDDEN.finditer(re.sub(r"\bsafe to remove\b", "", text, flags=re.IGNORECASE))
        if not (name_of(path).startswith(FIELD_FOLDER) and FIELD_WORD.fullmatch(match[0]))
    ]
    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    """An exception whose literal has gone is taken off the list."""
    present = {(name_of(path), text) for path, _line, text in _literals()}
    assert sorted(set(EXCEPTIONS) - present) == []


def test_no_content_file_says_it_either() -> None:
    """Checklists, rule texts, messages and benchmark profiles keep to the same words."""
    files = _content_files()
    assert len(files) > 5
    wrong = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        for sentence in _texts(data):
            bare = re.sub(r"\bsafe to remove\b", "", sentence, flags=re.IGNORECASE)
            wrong += [
                f"{name_of(path)}: {match[0]} in “{sentence[:60]}”" for match in FORBIDDEN.finditer(bare)
            ]
    assert wrong == []


def test_si_means_special_intelligence_alone() -> None:
    """The two letters stand only where markings are, and never for a name of AI."""
    wrong = [
        f"{name_of(path)}:{line}"
        for path, line, text in _literals()
        if AI_ABBREVIATED.search(text) or (SI.search(text) and not name_of(path).startswith(SI_FILES))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["Super Intelligence (SI)", "superintelligence, SI", "SUPER-INTELLIGENCE SI"]
)
def test_an_abbreviated_name_for_ai_is_recognised(text: str) -> None:
    """The guard finds the abbreviation it is there for."""
    assert AI_ABBREVIATED.search(text)
