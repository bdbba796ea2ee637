"""Nothing grows past what a newcomer reads in one sitting."""

import ast

import pytest

from tests.architecture.tree import PACKAGES, ROOT, name_of, python_files, syntax

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 40
FOLDERS = (*PACKAGES, "installer")
# A recipient gets this one file by another channel and nothing else, so it cannot be split.
ONE_FILE_BY_PURPOSE = {"resources/verify/verify_export.py": 800}


@pytest.mark.parametrize("folder", [*FOLDERS, "tests"])
def test_files_stay_under_400_lines(folder: str) -> None:
    """A file that outgrows 400 lines has two subjects."""
    sizes = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files(folder)}
    bounds = {name: ONE_FILE_BY_PURPOSE.get(name, MOST_FILE_LINES) for name in sizes}
    assert {name: lines for name, lines in sizes.items() if lines > bounds[name]} == {}


def _lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of statements: neither signature nor docstring, and none where one value is all there is."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body or (len(body) == 1 and isinstance(body[0], ast.Return)):
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_functions_stay_under_40_lines(folder: str) -> None:
    """A function that outgrows 40 lines does two things; a migration is history and not counted."""
    found = {
        f"{name_of(path)}:{node.lineno} {node.name}": _lines_of(node)
        for path in python_files(folder)
        if "migrations/versions" not in name_of(path)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in found.items() if lines > MOST_FUNCTION_LINES} == {}


def test_the_set_up_script_stays_small_too() -> None:
    """dev.py is one file by design and keeps to the same bound."""
    assert len((ROOT / "dev.py").read_text(encoding="utf-8").splitlines()) <= MOST_FILE_LINES
