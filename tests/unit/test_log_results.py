"""What logs and other imports propose: exactly what their facts say, and doubt wherever they leave it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import resources
from workstation.core.benchmarks import parse_benchmark_profile
from workstation.core.checklists import Result
from workstation.core.criteria import CriteriaSet, parse_criteria_set
from workstation.core.examination import Coverage, Finding, Severity
from workstation.core.log_results import LogReading, propose_results
from workstation.core.packages import Fixity, PackageFile
from workstation.core.proposals import Proposal, Submission, propose
from workstation.core.values import PackageId

PROFILE = parse_benchmark_profile(resources.read_bytes("benchmarks/invented-cyber-v1.json"))
CRITERIA = parse_criteria_set(resources.read_bytes("checklists/eo14409-v1.json"))
INSPECT: dict[str, Any] = {
    "status": "success",
    "task": "ctf_by_tier",
    "model": "x/aster-3-0219",
    "created": "2027-02-20",
    "epochs": 2,
    "samples": 80,
    "samples_total": 80,
    "samples_completed": 80,
    "packages": {"inspect_ai": "0.3.285"},
    "scores": [
        {"scorer": "s", "metric": "accuracy", "value": 0.65},
        {"scorer": "s", "metric": "stderr", "value": 0.05},
    ],
}
LM_EVAL: dict[str, Any] = {
    "harness": "0.4.13",
    "model": "hf",
    "task_samples": {"known_flaws": 120, "hellaswag": 40},
    "scores": {
        "known_flaws": {"acc,none": 0.7, "acc_stderr,none": 0.02},
        "hellaswag": {"acc,none": 0.5},
    },
}


def file(kind: str, path: str = "log", **changes: Any) -> PackageFile:
    """One examined file."""
    made = PackageFile(
        package_id=PackageId("PKG-1"),
        untrusted_path=path,
        size_bytes=1,
        sha384="0" * 96,
        object_ref="o",
        fixity=Fixity.MATCHES,
        kind=kind,
        coverage=Coverage.NOTHING_FOUND,
    )
    return replace(made, **changes)


def read(facts: dict[str, Any], kind: str = "inspect-json", **changes: Any) -> LogReading:
    """What one log offers."""
    return propose_results(PROFILE, [(file(kind, **changes), facts)], [], run_by="the developer")


def test_an_inspect_log_is_taken_at_its_word() -> None:
    """Value, standard error, repeats, tasks without their repetitions, harness, model, and the file."""
    (one,) = read(INSPECT).proposals
    measured = one.measured
    assert (one.suite, one.metric, measured.value) == ("ctf-by-tier", "accuracy", Decimal("0.65"))
    assert (measured.standard_error, measured.repeats, measured.samples) == (Decimal("0.05"), 2, 40)
    assert (measured.errors, measured.incomplete) == (0, "")
    came = one.provenance
    assert (came.harness, came.harness_version, came.run_by) == ("Inspect", "0.3.285", "the developer")
    assert came.log is not None
    assert came.log.untrusted_path == "log"


def test_an_lm_eval_log_offers_what_the_profile_names_and_tells_the_rest() -> None:
    """Tasks of no suite are listed, not swallowed."""
    reading = read(LM_EVAL, "lm-eval-results")
    (one,) = reading.proposals
    assert (one.suite, one.metric) == ("known-flaws", "acc,none")
    assert one.measured.standard_error == Decimal("0.02")
    assert one.measured.samples == 120
    assert [left.untrusted_name for left in reading.unmatched] == ["hellaswag"]


@pytest.mark.parametrize("count", [0, -1, 10**15, "80", True, None])
def test_a_number_of_samples_that_cannot_be_is_left_out(count: object) -> None:
    """What the harness says of its samples is the submitter's word; the value is proposed without it."""
    (one,) = read({**LM_EVAL, "task_samples": {"known_flaws": count}}, "lm-eval-results").proposals
    assert one.measured.samples is None


@pytest.mark.parametrize(
    ("facts", "changes", "words"),
    [
        ({"status": "started"}, {}, "status is started"),
        ({"status": "error"}, {}, "status is error"),
        ({"samples_completed": 79}, {}, "79 of 80 samples"),
        ({}, {"coverage": Coverage.INCONCLUSIVE}, "inconclusive"),
        (
            {},
            {"findings": (Finding(code="EVAL_SUBSET", severity=Severity.NOTE, detail="limit 10"),)},
            "limit 10",
        ),
        (
            {},
            {"findings": (Finding(code="EVAL_INVALIDATED", severity=Severity.CAUTION),)},
            "EVAL_INVALIDATED",
        ),
    ],
)
def test_a_log_that_is_not_the_whole_run_says_why(
    facts: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    """Whatever cuts a log short goes along with its numbers."""
    (one,) = read({**INSPECT, **facts}, **changes).proposals
    assert words in one.measured.incomplete


@pytest.mark.parametrize("value", [1.5, -0.1, True, None, "0.5", float("nan"), float("inf"), [1]])
def test_a_value_that_cannot_be_is_not_proposed(value: object) -> None:
    """Numbers off the scale, and what is no number, make no proposal and are told as unmatched."""
    reading = read({**INSPECT, "scores": [{"scorer": "s", "metric": "accuracy", "value": value}]})
    assert reading.proposals == ()
    assert len(reading.unmatched) == 1


@pytest.mark.parametrize(
    "facts", [{}, {"scores": 3}, {"scores": [1]}, {"scores": {"t": 1}}, {"task": 7, "scores": None}]
)
@pytest.mark.parametrize("kind", ["inspect-json", "lm-eval-results"])
def test_facts_of_any_shape_raise_nothing(facts: dict[str, Any], kind: str) -> None:
    """Facts are the submitter's; what they lack is simply not proposed."""
    assert read(facts, kind).proposals == ()


def bare(kind: str, path: str, **changes: Any) -> tuple[PackageFile, dict[str, Any]]:
    """A file of which nothing but its kind is known."""
    return file(kind, path, **changes), {}


def proposed(*files: tuple[PackageFile, dict[str, Any]], **fixities: int) -> list[tuple[str, Result]]:
    """Criterion and result of every proposal."""
    return [(one.criterion_id, one.result) for one in _propose(CRITERIA, *files, **fixities)]


def _propose(
    asked: CriteriaSet, *files: tuple[PackageFile, dict[str, Any]], **fixities: int
) -> tuple[Proposal, ...]:
    submission = Submission(files=files, fixities=fixities, checkpoint="aster-3-0219")
    return propose(asked, CRITERIA, submission)


def test_the_manifest_proposes_for_completeness_and_digests() -> None:
    """All alike is met; missing or altered is not; without a manifest nothing is proposed."""
    assert proposed(matches=3, unlisted=1) == [("K2.1", Result.MET), ("K2.2", Result.MET)]
    assert proposed(matches=3, missing=1, altered=1) == [("K2.1", Result.NOT_MET), ("K2.2", Result.NOT_MET)]
    assert proposed(matches=3, unreadable=1)[1] == ("K2.2", Result.CANNOT_TELL)
    assert proposed(unlisted=5) == []


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("valid", Result.MET),
        ("invalid", Result.NOT_MET),
        ("intact", Result.CANNOT_TELL),
        ("unverified", Result.CANNOT_TELL),
        ("nonsense", Result.CANNOT_TELL),
    ],
)
def test_a_signature_is_met_only_against_a_key_trusted_beforehand(state: str, result: Result) -> None:
    """Intact is not trusted."""
    assert proposed((file("model-signature"), {"signature": state})) == [("K2.3", result)]


def test_weights_that_run_code_are_never_proposed_as_met() -> None:
    """One pickle among plain weights decides; formats that may hold code cannot be told."""
    plain_, pickle = bare("safetensors", "a"), bare("pickle", "b")
    assert proposed(plain_) == [("K2.4", Result.MET)]
    assert proposed(plain_, pickle) == [("K2.4", Result.NOT_MET)]
    assert proposed(plain_, bare("onnx", "c")) == [("K2.4", Result.CANNOT_TELL)]
    unsure = bare("safetensors", "d", coverage=Coverage.INCONCLUSIVE)
    assert proposed(plain_, unsure) == [("K2.4", Result.CANNOT_TELL)]


def test_inventories_and_scanners_propose_with_their_gaps() -> None:
    """A complete inventory is met, a lacking one cannot be told; a scanner's report never says met."""
    assert proposed((file("cyclonedx"), {"components": 2, "missing": {}})) == [("K2.7", Result.MET)]
    assert proposed((file("cyclonedx"), {"missing": {"hash": 2}})) == [("K2.7", Result.CANNOT_TELL)]
    hostile = file("spdx", coverage=Coverage.DANGEROUS)
    assert proposed((hostile, {})) == [("K2.7", Result.NOT_MET)]
    assert proposed((file("sarif"), {"results": 0})) == [("K2.5", Result.CANNOT_TELL)]


def test_logs_propose_for_repeats_and_errors() -> None:
    """Repeats or a standard error in every log is met; an unfinished log leaves errors uncounted."""
    logs = dict(proposed((file("inspect-json"), INSPECT)))
    assert (logs["K5.5"], logs["K5.6"]) == (Result.MET, Result.MET)
    logs = dict(proposed((file("inspect-json"), {**INSPECT, "status": "started", "epochs": 1, "scores": []})))
    assert (logs["K5.5"], logs["K5.6"]) == (Result.NOT_MET, Result.CANNOT_TELL)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("NotAFinding", Result.MET),
        ("not_a_finding", Result.MET),
        ("pass", Result.MET),
        ("Open", Result.NOT_MET),
        ("Not_Applicable", Result.NOT_APPLICABLE),
        ("Not_Reviewed", None),
        ("notchecked", None),
        ("error", None),
    ],
)
def test_a_checklist_that_names_our_criteria_proposes_its_results(status: str, result: Result | None) -> None:
    """CKL, CKLB and XCCDF alike; what was not reviewed proposes nothing."""
    listed = {"result_list": [["K1.1", status], ["V-1234", "Open"], ["short"], 7]}
    assert proposed((file("ckl"), listed)) == ([("K1.1", result)] if result else [])


def test_a_rule_is_silent_once_its_question_was_reworded() -> None:
    """A proposal answers the question it was written for, and no other."""
    reworded = tuple(
        replace(one, text=one.text + " Reworded.") if one.criterion_id == "K2.4" else one
        for one in CRITERIA.criteria
    )
    newer = replace(CRITERIA, version=2, criteria=reworded)
    found = _propose(newer, (file("safetensors"), {}), matches=1)
    assert [one.criterion_id for one in found] == ["K2.1", "K2.2"]
