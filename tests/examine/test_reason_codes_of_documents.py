"""Reason codes of the document, checklist and findings readers: each explained, no text orphaned."""

import re
import tomllib
from pathlib import Path

import pytest

import resources
import workstation.examine

_HERE = Path(workstation.examine.__file__).parent
_CODE = re.compile(
    r'"((?:PDF|TEXT|CSV|HTML|MARKDOWN|JSON|NOTEBOOK|XML|SVG|IMAGE|OFFICE|OLE|CMS|VIEW|CHECKLIST|SARIF)_[A-Z_]+)"'
)


def _used(*patterns: str) -> set[str]:
    files = [path for pattern in patterns for path in _HERE.glob(pattern)]
    return {code for path in files for code in _CODE.findall(path.read_text())}


def _explained(area: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.read_text(f"vocabularies/reason-codes/{area}.toml"))


@pytest.mark.parametrize(
    ("area", "patterns"),
    [
        ("documents", ("documents/*.py", "inside.py")),
        ("checklists", ("checklists*.py", "sarif*.py")),
    ],
)
def test_codes_and_sentences_match(area: str, patterns: tuple[str, ...]) -> None:
    """Used and explained codes of an area are the same, and each has title, sentence and next step."""
    explained = _explained(area)
    shared = set(_explained("documents"))
    assert _used(*patterns) - set(explained) <= shared
    assert set(explained) <= _used(*patterns)
    for code, entry in explained.items():
        assert set(entry) == {"title", "what", "next"}, code
        assert all(text.strip() for text in entry.values()), code
