"""Every reason code that can be given has its words, and no words are left over."""

import re
from pathlib import Path

import pytest

import workstation.examine
from workstation.app.reasons import Reason, reason, reasons

_ROOT = Path(workstation.examine.__file__).parent
_CODE = re.compile(r"\"((?:ARCH|BAG|EXAMINE|FILE|FORMAT)(?:_[A-Z_]+|:[a-z0-9-]+))\"")
_FORBIDDEN = re.compile(
    r"\b(?:approv(?:e|es|ed|al|ing)|clear(?:s|ed|ing)?|den(?:y|ies|ied)|licen[cs]e[ds]?|permit(?:s|ted)?|safe|"
    r"certified|clean(?:ed)?)\b",
    re.IGNORECASE,
)
_BUILT = {"ARCH:symlink-inside", "ARCH:symlink-escape", "ARCH:symlink-loop"}  # from parts, in names.py


def _used() -> set[str]:
    found = set(_BUILT)
    for path in _ROOT.rglob("*.py"):
        found |= set(_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_code_of_the_frame_has_words() -> None:
    """Codes of archives, bags and the frame itself are all in the vocabulary."""
    assert _used() - reasons().keys() == set()


def test_no_words_are_left_over() -> None:
    """Each entry for archives, bags and the frame is given somewhere or is the family of one that is."""
    families = {entry.family for entry in reasons().values()}
    own = {code for code in reasons() if code.startswith(("ARCH", "BAG", "EXAMINE", "FORMAT"))}
    assert own - _used() - families == set()


@pytest.mark.parametrize("entry", reasons().values(), ids=reasons().keys())
def test_each_entry_says_what_and_what_next(entry: Reason) -> None:
    """Title, sentence and next step are there, speak in whole sentences, and promise nothing."""
    assert entry.title
    assert entry.what.endswith((".", "?"))
    assert entry.next.endswith((".", "?"))
    assert not _FORBIDDEN.search(f"{entry.title} {entry.what} {entry.next}")
    assert not entry.family or entry.family in reasons()


def test_a_code_without_words_is_not_hidden() -> None:
    """An unknown code is shown as itself."""
    assert reason("NO_SUCH_CODE").title == "NO_SUCH_CODE"
