"""Regular expressions say the same on every Python that the workstation supports."""

import re

from tests.architecture.tree import PACKAGES, python_files

_POSSESSIVE_CHOICE = re.compile(r"\([^()\n]*\|[^()\n]*\)[*+?]\+|\(\?>[^()\n]*\|")


def test_no_possessive_group_holds_a_choice() -> None:
    """Python before 3.11.5 matches such groups wrongly (gh-106052), and with it danger was passed over."""
    found = [
        f"{path.name}:{number}"
        for path in python_files(*PACKAGES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "compile" in line and _POSSESSIVE_CHOICE.search(line)
    ]
    assert found == []
    assert _POSSESSIVE_CHOICE.search(r"(?:[^\"]|\\.)*+")
