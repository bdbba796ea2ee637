"""SARIF 2.1.0: the table of objects and the rules beyond it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.documents import codes, examined
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.reader import Notes
from workstation.examine.sarif_objects import OBJECTS, ONE_OF, REQUIRED


def log(result: dict[str, Any] | None = None, **run: Any) -> dict[str, Any]:
    """A log with one result, changed."""
    base: dict[str, Any] = {"ruleId": "R1", "message": {"text": "found"}}
    driver = {"name": "tool", "rules": [{"id": "R1", "messageStrings": {"m": {"text": "{0} and {1}"}}}]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [{**base, **(result or {})}], **run}],
    }


def checked(content: dict[str, Any]) -> tuple[Outcome, Notes]:
    """Outcome and notes for a log."""
    notes = examined(json.dumps(content).encode(), "a.sarif")
    return outcome_of(notes.findings), notes


def place(**physical: Any) -> dict[str, Any]:
    """A result with one location."""
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"}, **physical}}]}


def test_a_valid_log_is_read() -> None:
    """Tools, levels and results become facts."""
    outcome, notes = checked(log({"level": "error"}))
    assert outcome is Outcome.ACCEPT
    assert notes.kind == "sarif"
    assert notes.facts["levels"] == {"error": 1}
    assert notes.facts["tools"] == ["tool"]


@pytest.mark.parametrize(
    "result",
    [
        place(region={}),
        place(region={"startLine": 2, "endLine": 2, "startColumn": 3, "endColumn": 3}),
        place(region={"startLine": 5}, contextRegion={"startLine": 3, "endLine": 7}),
        place(region={"charOffset": 5, "charLength": 2}, contextRegion={"charOffset": 1, "charLength": 20}),
        {"message": {"id": "m", "arguments": ["a", "b"]}},
        {"ruleId": "R1/sub", "ruleIndex": 0},
        {"workItemUris": ["https://example.org/1"], "guid": "01234567-89ab-cdef-0123-456789abcdef"},
        {"properties": {"anything": [1, None]}},
    ],
)
def test_valid_results_pass(result: dict[str, Any]) -> None:
    """Consistent optional parts give no finding."""
    outcome, notes = checked(log(result))
    assert outcome is Outcome.ACCEPT, notes.findings


@pytest.mark.parametrize(
    "result",
    [
        {"message": {}},
        {"message": "text"},
        {"level": "fatal"},
        {"stacks": [{}]},
        {"ruleIndex": 7},
        {"rule": {"id": "R2"}},
        {"rule": {"id": "R1", "index": 3}},
        {"message": {"id": "m", "arguments": ["a"]}},
        {"message": {"id": "nothing"}},
        {"occurrenceCount": 0},
        {"workItemUris": ["relative/1"]},
        {"guid": "not-a-guid"},
        {"codeFlows": [{"threadFlows": []}]},
        {"locations": {}},
        {"locations": [{"logicalLocations": [{"index": 0}]}]},
        {"locations": [{"physicalLocation": {}}]},
        {"analysisTarget": {"uri": "a b.c"}},
        {"analysisTarget": {"uri": "http://x/a.c", "uriBaseId": "ROOT"}},
        {"analysisTarget": {"uri": "file:///a/../b.c"}},
        {"analysisTarget": {"uri": "a.c", "index": 0}},
        place(region={"endLine": 3}),
        place(region={"startLine": 3, "endLine": 2}),
        place(region={"startLine": 3, "startColumn": 9, "endColumn": 2}),
        place(region={"startLine": 0}),
        place(contextRegion={"startLine": 1, "endLine": 2}),
        place(region={"startLine": 2}, contextRegion={"startLine": 2}),
        place(region={"startLine": 2, "endLine": 9}, contextRegion={"startLine": 3, "endLine": 20}),
    ],
)
def test_invalid_results_are_rejected(result: dict[str, Any]) -> None:
    """Each broken rule of the standard makes the log invalid."""
    outcome, notes = checked(log(result))
    assert outcome is Outcome.REJECT
    assert "SARIF_INVALID" in codes(notes)


@pytest.mark.parametrize(
    "run",
    [
        {"tool": {}},
        {"invocations": [{}]},
        {
            "invocations": [
                {
                    "executionSuccessful": True,
                    "startTimeUtc": "2020-01-01T00:00:01Z",
                    "endTimeUtc": "2020-01-01T00:00:00Z",
                }
            ]
        },
        {"originalUriBaseIds": {"ROOT": {"uri": "relative/"}}},
        {"originalUriBaseIds": {"ROOT": {"uri": "file:///a"}}},
        {"artifacts": [{"parentIndex": 3}]},
        {"columnKind": "bytes"},
        {"results": [{"message": {"text": "no rule"}}]},
    ],
)
def test_invalid_runs_are_rejected(run: dict[str, Any]) -> None:
    """Rules about runs, invocations and bases hold too."""
    assert checked(log(**run))[0] is Outcome.REJECT


def test_what_the_standard_does_not_foresee_is_for_a_person() -> None:
    """An unknown property or a draft schema is doubted, not rejected."""
    outcome, notes = checked(log({"verdict": "fine"}))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"SARIF_UNUSUAL"})
    draft = log() | {"$schema": "http://json.schemastore.org/sarif-2.0.0-beta"}
    assert checked(draft)[0] is Outcome.WARN


@pytest.mark.parametrize("content", [b"{", b'{"version": "2.1.0", , "runs": []}', b"[]", b"[" * 10_000])
def test_what_is_no_log_is_rejected(content: bytes) -> None:
    """A SARIF name over other bytes is invalid."""
    notes = examined(content, "a.sarif")
    assert outcome_of(notes.findings) is Outcome.REJECT
    assert "SARIF_INVALID" in codes(notes)


def test_the_table_of_objects_is_closed() -> None:
    """Every kind named in the table is a simple kind or an object of the table."""
    simple = {"s", "b", "n", "i", "i0", "i1", "x", "u", "a", "t", "g", "*"}
    for name, kinds in OBJECTS.items():
        assert REQUIRED[name] <= kinds.keys()
        assert set(ONE_OF.get(name, ())) <= kinds.keys()
        for kind in kinds.values():
            bare = kind.rstrip("?").strip("[]{}+?")
            assert bare in simple or bare in OBJECTS or bare.startswith("("), (name, kind)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(OBJECTS["result"])), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(OBJECTS["result"])), _ANY, max_size=6), _ANY)
def test_any_json_in_a_log_is_survived(result: dict[str, Any], runs: Any) -> None:
    """Values of wrong kinds anywhere never crash the reader."""
    for content in (log(result), log() | {"runs": runs}, log() | {"runs": [runs]}, log(tool=runs)):
        assert "EXAMINE_CRASHED" not in codes(checked(content)[1])
