"""Reason codes of evaluations, bills of material and signatures: each explained, no text orphaned."""

import re
import tomllib
from pathlib import Path

import pytest

import resources
import workstation.examine

_HERE = Path(workstation.examine.__file__).parent
_CODE = re.compile(r'"((?:EVAL|SBOM|SIG)_[A-Z_]+)"')


@pytest.mark.parametrize("area", ["evaluations", "inventories", "signatures"])
def test_codes_and_sentences_match(area: str) -> None:
    """Used and explained codes of an area are the same, and each has title, sentence and next step."""
    used = {code for path in _HERE.glob(f"{area}/*.py") for code in _CODE.findall(path.read_text())}
    explained = tomllib.loads(resources.read_text(f"vocabularies/reason-codes/{area}.toml"))
    assert used == set(explained)
    for code, entry in explained.items():
        assert set(entry) == {"title", "what", "next"}, code
        assert all(text.strip() for text in entry.values()), code
