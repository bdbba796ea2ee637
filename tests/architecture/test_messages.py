"""The message catalogue: every error can be told to a person, and nothing in it is left over."""

import ast
import re
import string
import tomllib
from dataclasses import dataclass, field
from functools import cache

import pytest

from tests.architecture.tree import PACKAGES, ROOT, name_of, python_files, syntax

CODE = re.compile(r"[A-Z]{3}-[0-9]{3}")
AREAS = {"BMK", "CRT", "VLT", "INT", "EXA", "REP", "SIG", "EXP", "CAS", "MRK", "PPL", "SET", "AUD", "CRD"}
# Words that would promise more than this program may say, or that name the wrong act.
FORBIDDEN = re.compile(
    r"\b(?:approv(?:e|es|ed|al|ing)|clear(?:s|ed|ing)?|den(?:y|ies|ied)|licen[cs]e[ds]?|permit(?:s|ted)?|safe|"
    r"certified|clean(?:ed)?)\b",
    re.IGNORECASE,
)


@dataclass(kw_only=True)
class ErrorClass:
    """One class of the tree as its source states it."""

    file: str
    name: str
    bases: list[str]
    fields: set[str] = field(default_factory=set)
    code: str = ""

    @property
    def place(self) -> str:
        """Where a person finds it."""
        return f"{self.file} {self.name}"


def _class_of(file: str, node: ast.ClassDef) -> ErrorClass:
    bases = [base.attr if isinstance(base, ast.Attribute) else ast.unparse(base) for base in node.bases]
    found = ErrorClass(file=file, name=node.name, bases=bases)
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            found.code = str(ast.literal_eval(line.value))
        if not (isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)):
            continue
        if not ast.unparse(line.annotation).startswith("ClassVar"):
            found.fields.add(line.target.id)
        elif line.target.id == "code" and isinstance(line.value, ast.Constant):
            found.code = str(line.value.value)
    return found


@cache
def classes() -> tuple[ErrorClass, ...]:
    """Every class of the product."""
    return tuple(
        _class_of(name_of(path), node)
        for path in python_files(*PACKAGES)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ClassDef)
    )


def _bases(found: ErrorClass) -> list[ErrorClass]:
    """Its base classes, those of the same file first: a name may be used in two rooms."""
    named = [one for one in classes() if one.name in found.bases]
    here = {one.name for one in named if one.file == found.file}
    return [one for one in named if one.file == found.file or one.name not in here]


def _is_error(found: ErrorClass) -> bool:
    return found.name == "WorkstationError" or any(_is_error(base) for base in _bases(found))


def _fields(found: ErrorClass) -> set[str]:
    return found.fields.union(*(_fields(base) for base in _bases(found)))


@cache
def errors() -> tuple[tuple[str, ErrorClass, set[str]], ...]:
    """(code, class, names of its facts) of every error that has a code."""
    return tuple(
        (found.code, found, _fields(found)) for found in classes() if found.code and _is_error(found)
    )


@cache
def catalogue() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Every table of the message files by name, with the file it stands in."""
    tables: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for path in sorted((ROOT / "resources" / "messages").glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            tables.setdefault(name, []).append((name_of(path), table))
    return tables


def messages() -> dict[str, dict[str, str]]:
    """The message of each code."""
    return {name: tables[0][1] for name, tables in catalogue().items() if CODE.fullmatch(name)}


def test_there_are_errors_to_check() -> None:
    """The reader of the source finds the error tree, so that an empty answer below means something."""
    assert len(errors()) > 50
    assert {code[:3] for code, _class, _fields in errors()} <= AREAS


def test_codes_are_well_formed_and_unique() -> None:
    """Every code has an area and three digits, and belongs to one class."""
    places: dict[str, list[str]] = {}
    for code, found, _facts in errors():
        places.setdefault(code, []).append(found.place)
    assert {code: where for code, where in places.items() if len(where) > 1 or not CODE.fullmatch(code)} == {}


def test_every_error_has_its_sentences() -> None:
    """Each code has a title, what happened and what to do next, none of them empty."""
    wanted = {"title", "what", "next"}
    told = {
        code for code, text in messages().items() if wanted <= {k for k, v in text.items() if str(v).strip()}
    }
    assert sorted({code for code, _class, _facts in errors()} - told) == []


def test_no_message_is_left_over_or_told_twice() -> None:
    """Each message belongs to an error that exists, and stands in one file only."""
    known = {code for code, _class, _facts in errors()}
    assert sorted(set(messages()) - known) == []
    assert {name: [file for file, _ in t] for name, t in catalogue().items() if len(t) > 1} == {}


def test_placeholders_are_facts_of_the_error() -> None:
    """A sentence speaks only of facts its error carries, without conversions or attributes."""
    wrong = []
    for code, found, facts in errors():
        for part, sentence in messages().get(code, {}).items():
            for _text, name, spec, conversion in string.Formatter().parse(str(sentence)):
                if name is not None and (name not in facts or conversion or (spec and spec != ",")):
                    wrong.append(f"{code} {part}: {{{name}}} ({found.place})")
    assert wrong == []


def _sentences() -> list[tuple[str, str]]:
    found = []
    for name, tables in catalogue().items():
        for file, table in tables:
            found += [(f"{file} [{name}] {key}", str(text)) for key, text in table.items()]
    return found


def test_no_sentence_promises_too_much() -> None:
    """Words such as "cleared" or "safe" are not used; a medium alone may be "safe to remove"."""
    wrong = [
        (place, match[0]) for place, text in _sentences() for match in FORBIDDEN.finditer(_allowed(text))
    ]
    assert wrong == []


def _allowed(text: str) -> str:
    return re.sub(r"\bsafe to remove\b", "", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("word", ["Approved", "cleared", "denied", "LICENSED", "permit", "safe", "clean"])
def test_the_forbidden_words_are_recognised(word: str) -> None:
    """The check finds each word, in any case."""
    assert FORBIDDEN.search(f"The model is {word}.")


def _stages() -> set[str]:
    """Every stage of progress the code names: ``stage="..."``, or the first word given to a tick."""
    found = set()
    for path in python_files(*PACKAGES):
        for node in ast.walk(syntax(path)):
            if not isinstance(node, ast.Call):
                continue
            given = [word.value for word in node.keywords if word.arg == "stage"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "_tick":
                given += node.args[:1]
            found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return found


def test_every_stage_of_progress_has_words() -> None:
    """What a progress bar says beside its percentage is in the catalogue, and nothing there is left over."""
    told = tomllib.loads((ROOT / "resources/messages/words.toml").read_text(encoding="utf-8"))["stage"]
    assert len(_stages()) > 5
    assert _stages() - set(told) == set()
    used = "\n".join(path.read_text(encoding="utf-8") for path in python_files(*PACKAGES))
    assert [stage for stage in told if f'"{stage}"' not in used] == []
