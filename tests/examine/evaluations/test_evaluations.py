"""Inspect and lm-evaluation-harness logs: facts, states, lies and cuts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.evaluations import logs
from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.formats import Match
from workstation.examine.reader import BytesSource, Notes


def examined(content: bytes, name: str) -> tuple[Outcome, Notes]:
    """As the dispatcher does it, recognition included."""
    notes = Notes()
    dispatch.examine(BytesSource(content, name), notes)
    return outcome_of(notes.findings), notes


def codes(notes: Notes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in notes.findings}


@pytest.mark.parametrize(
    ("content", "name", "compression"),
    [
        (logs.json_log(), "a.json", "none"),
        (logs.zip_log(logs.members()), "a.eval", "deflate"),
        (logs.zstd_log(logs.members()), "a.eval", "zstd"),
        (logs.zip_log(logs.members()), "renamed.zip", "deflate"),
    ],
)
def test_a_finished_log_gives_its_facts(content: bytes, name: str, compression: str) -> None:
    """A finished log is accepted with the same facts in each of its forms."""
    outcome, notes = examined(content, name)
    assert outcome is Outcome.ACCEPT, notes.findings
    wanted = {
        "status": "success",
        "version": 2,
        "samples": 2,
        "task": "arith",
        "model": "mock/model",
        "dataset": "sums",
        "compression": compression,
        "scores": [{"scorer": "match", "metric": "accuracy", "value": 0.5}],
    }
    assert {name: notes.facts.get(name) for name in wanted} == wanted
    assert notes.complete


@pytest.mark.parametrize(
    ("status", "code"),
    [("error", "EVAL_ERROR"), ("cancelled", "EVAL_CANCELLED"), ("started", "EVAL_STARTED")],
)
def test_an_unfinished_run_needs_a_person(status: str, code: str) -> None:
    """A run that failed, was cancelled or never ended is a warning by name."""
    for content, name in (
        (logs.json_log(status=status, error={"message": "boom"}), "a.json"),
        (logs.zip_log(logs.members(status=status)), "a.eval"),
    ):
        outcome, notes = examined(content, name)
        assert outcome is Outcome.WARN
        assert code in codes(notes)
        assert notes.facts["status"] == status


def test_a_killed_run_has_only_its_journal() -> None:
    """A log without a header is read from its journal and called started."""
    content = {
        name: body for name, body in logs.members().items() if name not in {"header.json", "summaries.json"}
    }
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.WARN
    assert "EVAL_STARTED" in codes(notes)
    assert (notes.facts["status"], notes.facts["samples"]) == ("started", 2)


def test_failed_samples_are_counted() -> None:
    """Samples with an error or a limit are counted, and differences from the declared number are told."""
    content = logs.members(samples=3)
    content["samples/0_epoch_1.json"] = json.dumps(logs.sample(0, error={"message": "x"})).encode()
    content["samples/1_epoch_1.json"] = json.dumps(logs.sample(1, limit={"type": "token"})).encode()
    del content["samples/2_epoch_1.json"]
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.ACCEPT
    assert {"EVAL_SAMPLE_ERRORS", "EVAL_SAMPLE_LIMITS", "EVAL_SAMPLES_DIFFER"} <= codes(notes)
    assert (notes.facts["sample_errors"], notes.facts["samples"]) == (1, 2)


def test_results_without_any_sample_are_inconclusive() -> None:
    """A finished log that holds none of its samples cannot be checked."""
    content = {name: body for name, body in logs.members().items() if not name.startswith("samples/")}
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.WARN
    assert "EVAL_NO_SAMPLES" in codes(notes)


def test_a_sample_told_twice_is_named() -> None:
    """Two samples of one identifier and epoch are a warning."""
    content = logs.members()
    content["samples/9_epoch_1.json"] = content["samples/0_epoch_1.json"]
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.WARN
    assert "EVAL_REPEATED_SAMPLE" in codes(notes)


def test_a_foreign_member_is_not_silently_accepted() -> None:
    """A member that belongs to no log leaves the file inconclusive."""
    outcome, notes = examined(logs.zip_log({**logs.members(), "samples/x.pkl": b"\x80\x04."}), "a.eval")
    assert outcome is Outcome.WARN
    assert not notes.complete
    assert "EVAL_MEMBER" in codes(notes)


def test_a_broken_sample_is_named_by_member() -> None:
    """A sample that is no JSON leaves the rest readable and is named."""
    content = {**logs.members(), "samples/1_epoch_1.json": b'{"id": 1, "messages": [}'}
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.WARN
    assert [finding.path for finding in notes.findings if finding.code == "EVAL_INVALID"] == [
        "samples/1_epoch_1.json"
    ]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_log_is_never_accepted(share: float) -> None:
    """A log cut anywhere is at least a warning, and called cut."""
    for content, name in ((logs.json_log(), "a.json"), (logs.zip_log(logs.members()), "a.eval")):
        outcome, notes = examined(content[: int(len(content) * share)], name)
        assert outcome is not Outcome.ACCEPT
        assert "EVAL_TRUNCATED" in codes(notes)


def test_a_state_told_twice_is_not_believed() -> None:
    """A log with two states is a warning."""
    content = logs.json_log().replace(b'"status": "success"', b'"status": "error", "status": "success"')
    outcome, notes = examined(content, "a.json")
    assert outcome is Outcome.WARN
    assert "EVAL_AMBIGUOUS" in codes(notes)


def test_not_a_number_is_read_and_told() -> None:
    """NaN in scores and samples does not stop the reader."""
    content = logs.json_log().replace(b'"value": "C"', b'"value": NaN').replace(b": 0.5", b": NaN")
    outcome, notes = examined(content, "a.json")
    assert outcome is Outcome.ACCEPT
    assert "EVAL_NOT_A_NUMBER" in codes(notes)


def test_an_unknown_version_is_inconclusive() -> None:
    """A log of a version nobody knows is not called read."""
    content = logs.json_log().replace(b'"version": 2', b'"version": 9')
    outcome, notes = examined(content, "a.json")
    assert outcome is Outcome.WARN
    assert "EVAL_VERSION" in codes(notes)


def test_a_bomb_among_the_samples_is_refused() -> None:
    """A sample that expands out of proportion rejects the log."""
    content = {**logs.members(), "samples/2_epoch_1.json": b'{"id": "' + b"0" * (70 << 20) + b'"}'}
    outcome, notes = examined(logs.zip_log(content), "a.eval")
    assert outcome is Outcome.REJECT
    assert "ARCH_BOMB" in codes(notes)


OLD: dict[str, Any] = {
    "results": {"hellaswag": {"acc": 0.25, "acc_stderr": 0.1}},
    "versions": {"hellaswag": 0},
}
NEW: dict[str, Any] = {
    "results": {"mmlu": {"acc,none": 0.5, "alias": "mmlu"}, "gsm8k": {"exact_match,strict": 0.25}},
    "configs": {"mmlu": {}, "gsm8k": {}},
    "versions": {"mmlu": 1, "gsm8k": 3},
    "n-shot": {"mmlu": 5, "gsm8k": 8},
    "n-samples": {"mmlu": {"original": 100, "effective": 10}},
    "config": {"model": "hf", "model_args": "pretrained=x", "limit": 10},
    "git_hash": "abc",
    "date": 1700000000.5,
}


def test_both_layouts_of_the_harness_are_read() -> None:
    """Old and new results give tasks, scores, model and shots; a limited run is told."""
    outcome, notes = examined(json.dumps(OLD).encode(), "r.json")
    assert (outcome, notes.kind, notes.facts["tasks"]) == (Outcome.ACCEPT, "lm-eval-results", 1)
    outcome, notes = examined(json.dumps(NEW).encode(), "results_2026.json")
    assert outcome is Outcome.ACCEPT
    assert notes.facts["tasks"] == 2
    assert notes.facts["shots"] == {"mmlu": 5, "gsm8k": 8}
    assert notes.facts["task_samples"] == {"mmlu": 10}
    assert notes.facts["model"] == "hf"
    assert "EVAL_SUBSET" in codes(notes)


@pytest.mark.parametrize(
    ("results", "code"),
    [({"t": {"acc": 1.7}}, "EVAL_IMPOSSIBLE"), ({"t": 5}, "EVAL_INVALID"), ([1], "EVAL_INVALID")],
)
def test_impossible_results_need_a_person(results: object, code: str) -> None:
    """A share above one, or results that are none, are a warning."""
    outcome, notes = examined(json.dumps({"results": results, "versions": {}}).encode(), "r.json")
    assert outcome is Outcome.WARN
    assert code in codes(notes)


def test_samples_of_the_harness_are_counted() -> None:
    """Samples are counted line by line, and a line that is none is told."""
    line = json.dumps(
        {"doc_id": 0, "doc": {"q": 1}, "target": "A", "arguments": [], "resps": [["A"]]}
    ).encode()
    outcome, notes = examined(line + b"\n" + line, "samples_x.jsonl")
    assert (outcome, notes.kind, notes.facts["samples"]) == (Outcome.ACCEPT, "lm-eval-samples", 2)
    outcome, notes = examined(line + b"\n{broken\n", "samples_x.jsonl")
    assert outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b'{"adapter_spec": {}, "request_states": []}', "scenario_state.json", "helm"),
        (b'[{"name": {"name": "em"}, "count": 1, "sum_squared": 1.0, "stddev": 0.0}]', "stats.json", "helm"),
        (b'{"config_general": {}, "results": {}, "versions": {}}', "results.json", "lighteval"),
        (b'{"spec": {"completion_fns": ["x"]}}\n{"final_report": {}}\n', "log.jsonl", "openai-evals"),
    ],
)
def test_other_formats_are_named_and_left(content: bytes, name: str, kind: str) -> None:
    """Results of other tools are recognised, never called read."""
    outcome, notes = examined(content, name)
    assert (outcome, notes.kind, notes.complete) == (Outcome.WARN, kind, False)
    assert "EVAL_OTHER_FORMAT" in codes(notes)


@given(st.data())
def test_damaged_logs_never_raise(data: st.DataObject) -> None:
    """Any damage to any log is a finding of its reader: no exception, no crash note."""
    content, name = data.draw(
        st.sampled_from(
            [
                (logs.json_log(), "a.json"),
                (logs.zip_log(logs.members()), "a.eval"),
                (logs.zstd_log(logs.members()), "a.eval"),
                (json.dumps(NEW).encode(), "r.json"),
            ]
        )
    )
    damaged = bytearray(content)
    for _change in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4)) or b""
        if not damaged:
            return
    _outcome, notes = examined(bytes(damaged), name)
    assert "EXAMINE_CRASHED" not in codes(notes)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["eval", "results", "scores", "metrics", "value", "dataset", "config", "error", "limit"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_headers_of_any_shape_never_raise(value: object) -> None:
    """Whatever stands where objects and texts belong, the reader reports and goes on."""
    for name in ("eval", "results", "error", "version", "status"):
        log = {**logs.header(), name: value, "samples": [value, logs.sample(1)]}
        _outcome, notes = examined(json.dumps(log).encode("utf-8", "surrogatepass"), "a.json")
        assert "EXAMINE_CRASHED" not in codes(notes)
    for name in ("results", "config", "n-samples", "n-shot"):
        _outcome, notes = examined(
            json.dumps({**NEW, name: value}).encode("utf-8", "surrogatepass"), "r.json"
        )
        assert "EXAMINE_CRASHED" not in codes(notes)


def test_a_log_is_recognised_without_its_name() -> None:
    """Content decides: a log under any name is a log, and a plain zip is none."""
    found = dispatch.detect(BytesSource(logs.zip_log(logs.members()), "weights.bin"))
    assert found is not None
    assert found.kind == "inspect-eval"
    other = dispatch.detect(BytesSource(logs.zip_log({"samples/a.txt": b"x"}), "a.zip"))
    assert other is not None
    assert other.kind == "zip"
    assert Match.EXACT > Match.CONTENT
