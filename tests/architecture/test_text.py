"""What no file of the tree may say."""

import re

from tests.architecture.tree import ROOT, name_of, python_files, tracked_files

# Spelt in parts so that this file does not name them itself.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "files.python" + "hosted.org",
    "--index" + "-url",
    "--extra-index" + "-url",
]
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+)/")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|raise NotImplemented" + r"Error)\b")


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((name_of(path), content.decode("utf-8", errors="replace")))
    return found


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the site's own setting; no host of a registry stands in the tree."""
    assert [
        (name, host) for name, text in _texts() for host in HOSTS if host in text and name != "dev.py"
    ] == []


def test_no_file_names_a_folder_of_the_makers_machine() -> None:
    """No absolute path of the machine the program was written on is left in the tree."""
    assert [(name, m[0]) for name, text in _texts() if (m := MACHINE.search(text))] == []


def test_nothing_is_marked_as_unfinished() -> None:
    """No to-do, placeholder or missing implementation is left in the code."""
    folders = ("workstation", "ui", "storage", "reports", "resources", "tests", "installer")
    files = [*python_files(*folders), ROOT / "dev.py"]
    assert [name_of(p) for p in files if UNFINISHED.search(p.read_text(encoding="utf-8"))] == []


def test_ci_runs_the_readme_s_commands() -> None:
    """.ci/run calls the commands a reader of the README is told."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 dev.py test\n" in script
    assert "python3 dev.py check" in script
