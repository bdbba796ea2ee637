"""No workflow swallows a refusal: what a rule refuses ends the unit of work, which writes it down."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator

import workstation.core
from tests.architecture.tree import name_of, python_files, syntax
from workstation.core.errors import Refused

_WIDE = {"Refused", "WorkstationError", "Exception", "BaseException"}

# Functions that answer a question with what was refused, where nobody attempts an act, and why.
ANSWERS = {
    "benchmarks.holds": "whether a file is in a package, asked of evidence that a log names",
    "bus.publish": "a subscriber that fails undoes nothing; the act is committed",
    "checking._broken": "a check tells of a destroyed case's objects that they cannot be read, as promised",
    "checkpoints.keep": "a checkpoint that cannot be signed is a row of its own",
    "content_shelf._offered": "other files of a folder are passed over",
    "examining._find": "whether a name of a bill of materials is a file of the package",
    "own_pki._is_newer": "a kept list that has ended is older than any current one",
    "own_pki.standings": "the page of authorities says that there is no current list",
    "queries.may_know": "what a limited referral is called is left out for whoever may not read it",
    "releasable.covers": "whether one marking covers another",
    "veil._is_named": "what a limited referral's rows say is left out for whoever may not read it",
    "vocabularies._reads": "whether a banner can be read by an offered vocabulary, which is then refused",
}


def _refusals() -> set[str]:
    for module in pkgutil.walk_packages(workstation.core.__path__, "workstation.core."):
        importlib.import_module(module.name)

    def below(kind: type[Refused]) -> Iterator[str]:
        for one in kind.__subclasses__():
            yield one.__name__
            yield from below(one)

    return {*below(Refused), *_WIDE}


def _caught(node: ast.AST) -> set[str]:
    """The names of what a handler, or a call of ``suppress``, keeps from the caller."""
    if isinstance(node, ast.ExceptHandler):
        if any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            return set()
        return _names(node.type) if node.type else {"BaseException"}
    if isinstance(node, ast.Call) and "suppress" in _names(node.func):
        return set().union(*map(_names, node.args))
    return set()


def _names(node: ast.AST) -> set[str]:
    found = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute))
    return {inner.id if isinstance(inner, ast.Name) else inner.attr for inner in found}


def _swallowing(source: ast.Module, refusals: set[str]) -> Iterator[str]:
    for function in ast.walk(source):
        if isinstance(function, ast.FunctionDef) and any(
            _caught(node) & refusals for node in ast.walk(function)
        ):
            yield function.name


def test_no_workflow_keeps_a_refusal_to_itself() -> None:
    """Every handler of a refusal in ``app`` raises again, but for questions that no act hangs on."""
    refusals = _refusals()
    assert {"NotAppointed", "DutiesConflict", "NotConfirmed"} <= refusals
    found = {
        f"{name_of(path).removeprefix('workstation/app/').removesuffix('.py')}.{name}"
        for path in python_files("workstation/app")
        for name in _swallowing(syntax(path), refusals)
    }
    assert found == ANSWERS.keys()


def test_a_swallowed_refusal_is_seen() -> None:
    """The test above sees a handler that goes on, a bare one, and ``suppress``; not one that raises again."""
    refusals = _refusals()
    for body in ("try: act()\n except NotAppointed: return", "try: act()\n except: return"):
        assert list(_swallowing(ast.parse(f"def quiet():\n {body}\n"), refusals)) == ["quiet"]
    quiet = "def quiet():\n with suppress(errors.Refused):\n  act()\n"
    assert list(_swallowing(ast.parse(quiet), refusals)) == ["quiet"]
    loud = "def loud():\n try: act()\n except NotAppointed:\n  note()\n  raise\n"
    assert list(_swallowing(ast.parse(loud), refusals)) == []
