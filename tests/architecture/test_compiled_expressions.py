"""Every regular expression that is compiled is judged whole, also those put together from parts."""

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, name_of, python_files, syntax

# Python's own parser of expressions, which has no public name.
PARSER = importlib.import_module("re._parser")
NAMES = importlib.import_module("re._constants")
_WINDOW = "ui"  # Qt is blocked where this test runs; the window compiles nothing hostile bytes are read with
_LEAST = 100  # the workstation has far more; a walk that misses them is no proof


def _inner(argument: object) -> Iterator[object]:
    """Every pattern within an operation's argument."""
    if isinstance(argument, PARSER.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _inner(part)


def holds_choice(pattern: object) -> bool:
    """Whether a choice lies anywhere in a parsed pattern."""
    return any(
        operation is NAMES.BRANCH or any(map(holds_choice, _inner(argument)))
        for operation, argument in pattern  # type: ignore[attr-defined]  # a list of operations
    )


def wrong_before_3_11_5(pattern: object) -> bool:
    """Whether a possessive repeat or an atomic group in a parsed pattern holds a choice."""
    return any(
        (
            operation in {NAMES.POSSESSIVE_REPEAT, NAMES.ATOMIC_GROUP}
            and any(map(holds_choice, _inner(argument)))
        )
        or any(map(wrong_before_3_11_5, _inner(argument)))
        for operation, argument in pattern  # type: ignore[attr-defined]  # as above
    )


def judged(expression: str | bytes, flags: int = 0) -> bool:
    """Whether an expression is matched wrongly by some Python that the workstation supports."""
    return wrong_before_3_11_5(PARSER.parse(expression, flags))


@pytest.mark.parametrize(
    ("expression", "is_wrong"),
    [
        (r"(?:ab|c)++", True),
        (r"(?>ab|c)", True),
        (r"(?>x(?:ab|c)*)", True),
        (r"(?:x(?:ab|cd)y)*+", True),
        (r"(?=(?:(?:ab|c)?+))", True),
        (r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', False),
        (r"(?:ab|cd)*", False),
        (r"(?>ab)(?:cd|ef)", False),
        (r"[ab]++", False),
        (r"(?:a|b)++", False),  # the parser makes one set of such characters
    ],
)
def test_choices_in_possessive_groups_are_told(expression: str, *, is_wrong: bool) -> None:
    """The walk finds such a group however deep it lies, and lets all others be."""
    assert judged(expression) is is_wrong


@pytest.fixture(scope="module")
def compiled() -> list[tuple[str, str | bytes, int]]:
    """Every expression compiled while all modules are imported, in a process where none was before."""
    child = Path(__file__).with_name("compiled_expressions.py")
    packages = [package for package in PACKAGES if package != _WINDOW]
    done = subprocess.run(
        [sys.executable, "-I", child, *packages], capture_output=True, check=True, text=True, timeout=120
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(where, text.encode("latin-1") if raw else text, flags) for where, text, raw, flags in rows]


def test_no_possessive_group_that_is_compiled_holds_a_choice(
    compiled: list[tuple[str, str | bytes, int]],
) -> None:
    """Patterns written in one line, over many, or put together from parts: none is matched wrongly."""
    assert [where for where, expression, flags in compiled if judged(expression, flags)] == []
    ours = {where for where, _expression, _flags in compiled}
    assert len(compiled) > _LEAST
    # One that is put together in a loop, and one from a table.
    assert {"workstation.examine.evaluations.jsonflow", "workstation.core.viewing"} <= ours


def test_no_possessive_group_written_at_its_use_holds_a_choice() -> None:
    """Patterns given straight to a function, compiled only when it is called, are judged as well."""
    found, count = [], 0
    for path in python_files(*PACKAGES):
        for node in ast.walk(syntax(path)):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Attribute):
                continue
            first, module = node.args[0], node.func.value
            is_expression = isinstance(module, ast.Name) and module.id == "re" and node.func.attr != "escape"
            if is_expression and isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                count += 1
                if judged(first.value):
                    found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []
    assert count > _LEAST
