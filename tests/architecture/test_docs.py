"""The pages a newcomer and a security officer read: claims have tests, pages match the program."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, imported, name_of, python_files, syntax, tracked_files
from tests.helpers.scripts import load
from workstation import cli
from workstation.demo import story

SECURITY = ROOT / "docs" / "security.md"
_CLAIM = re.compile(r"^### (C[0-9]+)\. (.+)$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/.]+)::(\w+)`")
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_TREE_NAMES = (*PACKAGES, "docs", "tests", "installer", ".ci")
_PATH = re.compile(r"`((?:" + "|".join(map(re.escape, _TREE_NAMES)) + r")/[\w/.-]*)`")


def _pages() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md" and path.parts[-2] != "package"]


def _sections() -> dict[str, str]:
    """The text of each claim by its number."""
    text = SECURITY.read_text(encoding="utf-8")
    found = list(_CLAIM.finditer(text))
    ends = [claim.start() for claim in found[1:]] + [len(text)]
    numbers = [claim[1] for claim in found]
    assert len(set(numbers)) == len(numbers), "a claim's number is given twice"
    return {
        claim[1]: text[claim.end() : end].split("\n## ")[0] for claim, end in zip(found, ends, strict=True)
    }


@cache
def _tests_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in syntax(path).body if isinstance(node, functions))


def test_every_claim_says_who_what_and_what_not_and_has_a_test() -> None:
    """Each claim names attacker, guarantee, non-guarantee and at least one test that defends it."""
    sections = _sections()
    assert len(sections) >= 20
    incomplete = {
        number: [
            part
            for part in ("**Attacker.**", "**Guarantee.**", "**Not guaranteed.**", "**Defended by**")
            if part not in text
        ]
        for number, text in sections.items()
    }
    assert {number: parts for number, parts in incomplete.items() if parts} == {}
    assert [number for number, text in sections.items() if not _TEST.search(text)] == []


def test_every_test_that_is_named_exists() -> None:
    """A test named in any page is a function of that file, so that no claim outlives its defence."""
    wrong = [
        f"{name_of(page)}: {file}::{test}"
        for page in _pages()
        for file, test in _TEST.findall(page.read_text(encoding="utf-8"))
        if test not in _tests_of(file)
    ]
    assert wrong == []


def test_links_and_paths_of_the_pages_lead_somewhere() -> None:
    """Every relative link, and every path of the tree in code type, is there."""
    wrong = []
    for page in _pages():
        text = page.read_text(encoding="utf-8")
        links = [link for link in _LINK.findall(text) if ":" not in link]
        wrong += [f"{name_of(page)}: {link}" for link in links if not (page.parent / link).exists()]
        paths = [path for path in _PATH.findall(text) if not (ROOT / path).exists()]
        wrong += [f"{name_of(page)}: {path}" for path in paths]
    assert wrong == []


@pytest.mark.parametrize("name", ["errors.md", "reason-codes.md"])
def test_generated_pages_are_what_the_catalogue_says(name: str) -> None:
    """``python3 dev.py docs`` would write the very page that is committed."""
    written = load("docs/write.py").PAGES[name]()
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == written, "run: python3 dev.py docs"


def test_the_readme_tells_every_command() -> None:
    """The README's list of commands is the program's, with its exit statuses."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^workstation (\w+)", readme, re.MULTILINE))
    assert told == set(cli.COMMANDS)
    for command in ("python3 dev.py demo", "python3 dev.py test"):
        assert command in readme
    for status in (cli.REFUSED, cli.ENVIRONMENT, cli.INTEGRITY, cli.INTERRUPTED):
        assert f"`{status}`" in readme


def test_the_readme_lets_a_newcomer_into_the_demonstration() -> None:
    """Login and passphrase that the README gives are those of the story."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{story.PASSPHRASE}`" in readme
    (login,) = set(re.findall(r"--user (\w+)", readme))
    assert login in {person.login_name for person in story.PEOPLE}


@cache
def _importers() -> dict[str, set[str]]:
    """For each package, the dotted names of the product's files that import it."""
    found: dict[str, set[str]] = {}
    for path in python_files(*PACKAGES):
        place = name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for module in {name.split(".")[0] for name in imported(path)}:
            found.setdefault(module, set()).add(place)
    return found


def test_each_dependency_is_used_where_its_record_says() -> None:
    """Every run-time dependency is imported in each room that record 0002 names, and in no other."""
    record = (ROOT / "docs/adr/0002-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+)(?: [\d.]+)? \|[^|]+\| ([^|]+) \|$", record, re.MULTILINE)
    names = {
        "pyside6-essentials": "PySide6",
        "pillow": "PIL",
        "cyclonedx-python-lib": "cyclonedx",
        "python-pkcs11": "pkcs11",
    }
    wrong = {}
    for package, column in rows:
        rooms = set(re.findall(r"`([\w.]+)`", column))
        places = _importers().get(names.get(package, package.replace("-", "_")), set())
        unlisted = {
            place for place in places if not any(f"{place}.".startswith(f"{room}.") for room in rooms)
        }
        unused = {room for room in rooms if not any(f"{place}.".startswith(f"{room}.") for place in places)}
        if unlisted or unused:
            wrong[package] = (unlisted, unused)
    assert wrong == {}
    wanted = re.findall(r"^([\w-]+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in wanted if not re.search(rf"\b{name}\b", record)] == []
    assert len(rows) > 15


def test_decisions_are_numbered_once_and_have_a_status() -> None:
    """Every record has a number of its own, a title and a status."""
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in records]
    assert len(numbers) == len(set(numbers)) >= 11
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# {path.name[:4]}\.? \S", text), name_of(path)
        assert re.search(r"^Status: (accepted|replaced by \d{4})\b", text, re.MULTILINE), name_of(path)


def test_pictures_of_the_pages_are_small() -> None:
    """A picture in the documentation stays below 200 kB."""
    pictures = [path for path in tracked_files() if "docs/pictures" in name_of(path)]
    assert pictures
    assert [name_of(path) for path in pictures if path.stat().st_size > 200_000] == []
