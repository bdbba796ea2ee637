"""What imports propose as checklist answers. A proposal is never an answer: a person uses it or does not.

Facts come from the sandbox and are mostly the submitter's own words; each proposal names the file it rests
on. A rule applies only while the criterion's question is the one it was written for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workstation.core.checklists import Result
from workstation.core.criteria import CriteriaSet
from workstation.core.examination import Coverage
from workstation.core.log_results import INSPECT_KINDS, LOG_KINDS
from workstation.core.packages import Fixity, PackageFile
from workstation.core.values import CriterionId, EvidenceLink

SIGNATURE_KINDS = frozenset({"model-signature"})
INVENTORY_KINDS = frozenset({"cyclonedx", "cyclonedx-xml", "spdx", "spdx-tags", "spdx-3", "other-inventory"})
SCAN_KINDS = frozenset({"sarif"})
CHECKLIST_KINDS = frozenset({"ckl", "cklb", "xccdf"})
PLAIN_WEIGHTS = frozenset({"safetensors", "gguf", "npy"})
RUNNING_WEIGHTS = frozenset({"pickle"})
OTHER_WEIGHTS = frozenset(
    {"onnx", "hdf5", "tflite", "savedmodel", "coreml", "tensor-storage", "other-weights"}
)
KINDS = (
    LOG_KINDS
    | SIGNATURE_KINDS
    | INVENTORY_KINDS
    | SCAN_KINDS
    | CHECKLIST_KINDS
    | PLAIN_WEIGHTS
    | RUNNING_WEIGHTS
    | OTHER_WEIGHTS
)
_STATUSES = {
    "notafinding": Result.MET,
    "pass": Result.MET,
    "open": Result.NOT_MET,
    "fail": Result.NOT_MET,
    "notapplicable": Result.NOT_APPLICABLE,
}
_MOST_NAMED = 5

Facts = Mapping[str, Any]
Read = Sequence[tuple[PackageFile, Facts]]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A result an import proposes for a criterion, why, and on which file it rests."""

    criterion_id: CriterionId
    result: Result
    detail: str
    source: str  # key of the catalogue's [import]
    evidence: tuple[EvidenceLink, ...]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What proposals are made from."""

    files: Read
    fixities: Mapping[str, int]
    checkpoint: str


def propose(asked: CriteriaSet, written_for: CriteriaSet, submission: Submission) -> tuple[Proposal, ...]:
    """Every proposal for the criteria asked, in their order. ``written_for`` has the rules' own questions."""
    same = {one.criterion_id: one.text_hash for one in written_for.criteria}
    known = {one.criterion_id for one in asked.criteria}
    found: dict[str, list[Proposal]] = {name: [] for name in known}
    for proposal in (*_by_rule(submission), *_by_checklist(submission)):
        if proposal.criterion_id in known:
            found[proposal.criterion_id].append(proposal)
    ruled = {one.criterion_id for one in asked.criteria if same.get(one.criterion_id) == one.text_hash}
    return tuple(
        proposal
        for one in asked.criteria
        for proposal in found[one.criterion_id]
        if one.criterion_id in ruled or proposal.source == "checklist"
    )


def _by_rule(submission: Submission) -> Iterator[Proposal]:
    rules: tuple[Callable[[Submission], Iterator[Proposal]], ...] = (
        _fixity,
        _signatures,
        _weights,
        _scans,
        _inventories,
        _evaluations,
    )
    for rule in rules:
        yield from rule(submission)


def _made(name: str, result: Result, detail: str, source: str, files: Iterable[PackageFile] = ()) -> Proposal:
    links = (EvidenceLink(package_id=f.package_id, untrusted_path=f.untrusted_path) for f in files)
    return Proposal(
        criterion_id=CriterionId(name),
        result=result,
        detail=detail,
        source=source,
        evidence=tuple(links)[:_MOST_NAMED],
    )


def _of(submission: Submission, kinds: frozenset[str]) -> Read:
    return [(file, facts) for file, facts in submission.files if file.kind in kinds]


def _fixity(submission: Submission) -> Iterator[Proposal]:
    counts = {fixity: submission.fixities.get(str(fixity), 0) for fixity in Fixity}
    if not sum(counts.values()) - counts[Fixity.UNLISTED]:
        return
    missing, extra, unlisted = (counts[one] for one in (Fixity.MISSING, Fixity.EXTRA, Fixity.UNLISTED))
    told = (
        f"{missing} files listed and not there, {extra} there and not listed; {unlisted} no manifest covers."
    )
    yield _made("K2.1", Result.NOT_MET if missing or extra else Result.MET, told, "manifest")
    altered, unread = counts[Fixity.ALTERED], counts[Fixity.UNREADABLE]
    told = f"{counts[Fixity.MATCHES]} files match the manifest, {altered} differ, {unread} were unreadable."
    result = Result.NOT_MET if altered else Result.CANNOT_TELL if unread else Result.MET
    yield _made("K2.2", result, told, "manifest")


def _signatures(submission: Submission) -> Iterator[Proposal]:
    for file, facts in _of(submission, SIGNATURE_KINDS):
        state = str(facts.get("signature", "unread"))
        result = {"invalid": Result.NOT_MET, "valid": Result.MET}.get(state, Result.CANNOT_TELL)
        told = {
            "invalid": "The signature does not hold for the files that came with it.",
            "valid": "The signature holds against a key that was trusted beforehand.",
            "intact": "The signature is intact, but nobody trusted its key beforehand.",
        }.get(state, "The signature was not verified against a key trusted beforehand.")
        yield _made("K2.3", result, told, "signature", (file,))


def _weights(submission: Submission) -> Iterator[Proposal]:
    running = [file for file, _facts in _of(submission, RUNNING_WEIGHTS)]
    other = [file for file, _facts in _of(submission, OTHER_WEIGHTS)]
    plain = [file for file, _facts in _of(submission, PLAIN_WEIGHTS)]
    if running:
        told = f"Pickles, which run code when they are loaded: {len(running)}."
        yield _made("K2.4", Result.NOT_MET, told, "weights", running)
    elif other:
        told = f"Files of formats that can, but need not, hold code: {len(other)}."
        yield _made("K2.4", Result.CANNOT_TELL, told, "weights", other)
    elif plain:
        unsure = [file for file in plain if file.coverage is not Coverage.NOTHING_FOUND]
        told = f"Weight files of formats without code: {len(plain)}; in need of a closer look: {len(unsure)}."
        yield _made("K2.4", Result.CANNOT_TELL if unsure else Result.MET, told, "weights", unsure or plain)


def _scans(submission: Submission) -> Iterator[Proposal]:
    for file, facts in _of(submission, SCAN_KINDS):
        told = f"A scanner's report with {facts.get('results', 'an unknown number of')} results."
        yield _made("K2.5", Result.CANNOT_TELL, told, "scan", (file,))


def _inventories(submission: Submission) -> Iterator[Proposal]:
    for file, facts in _of(submission, INVENTORY_KINDS):
        missing = facts.get("missing")
        lacking = {k: v for k, v in missing.items() if v} if isinstance(missing, dict) else {}
        if file.coverage is not Coverage.NOTHING_FOUND:
            told = f"The inventory's examination ended as {file.coverage}."
            result = Result.NOT_MET if file.coverage is Coverage.DANGEROUS else Result.CANNOT_TELL
        elif lacking:
            listed = ", ".join(f"{name} ({number})" for name, number in sorted(lacking.items())[:_MOST_NAMED])
            told, result = f"Parsed; components lack: {listed}.", Result.CANNOT_TELL
        else:
            told = f"Parsed; {facts.get('components', 0)} components, none lacks what the format asks for."
            result = Result.MET
        yield _made("K2.7", result, told, "inventory", (file,))


def _evaluations(submission: Submission) -> Iterator[Proposal]:
    logs = _of(submission, LOG_KINDS)
    if not logs:
        return
    files = [file for file, _facts in logs]
    other = [file for file, facts in logs if submission.checkpoint not in str(facts.get("model", ""))]
    told = f"{len(logs) - len(other)} of {len(logs)} logs name the checkpoint {submission.checkpoint}."
    # A name that another name contains proves nothing; the digest of what was evaluated would.
    yield _made("K2.6", Result.CANNOT_TELL, told, "evaluation", other or files)
    bare = [file for file, facts in logs if not _has_interval(facts)]
    told = f"{len(logs) - len(bare)} of {len(logs)} logs state repeats or a standard error."
    yield _made("K5.5", Result.NOT_MET if bare else Result.MET, told, "evaluation", bare or files)
    yield from _counted_errors(logs)


def _has_interval(facts: Facts) -> bool:
    epochs, scores = facts.get("epochs"), facts.get("scores")
    names = (
        [str(s.get("metric", "")) for s in scores if isinstance(s, dict)] if isinstance(scores, list) else []
    )
    for values in scores.values() if isinstance(scores, dict) else ():
        names += list(values) if isinstance(values, dict) else []
    return (type(epochs) is int and epochs > 1) or any("stderr" in name for name in names)


def _counted_errors(logs: Read) -> Iterator[Proposal]:
    inspect = [(file, facts) for file, facts in logs if file.kind in INSPECT_KINDS]
    if not inspect:
        return
    unfinished = [file for file, facts in inspect if facts.get("status") != "success"]
    errors = sum(n for _f, facts in inspect if type(n := facts.get("sample_errors", 0)) is int)
    samples = sum(n for _f, facts in inspect if type(n := facts.get("samples", 0)) is int)
    told = f"{errors} of {samples} samples ended with an error; {len(unfinished)} logs are not finished."
    result = Result.CANNOT_TELL if unfinished or not samples else Result.MET
    yield _made("K5.6", result, told, "evaluation", unfinished or [file for file, _facts in inspect])


def _by_checklist(submission: Submission) -> Iterator[Proposal]:
    """A checklist that names our criteria proposes its own results, whatever the questions' wording."""
    for file, facts in _of(submission, CHECKLIST_KINDS):
        listed = facts.get("result_list")
        for pair in listed if isinstance(listed, list) else ():
            rule, status = map(str, (*pair, "", "")[:2]) if isinstance(pair, list) else ("", "")
            result = _STATUSES.get(status.casefold().replace("_", "").replace(" ", ""))
            if result is not None:
                told = f"The checklist {file.untrusted_path} says {status} for {rule}."
                yield _made(rule, result, told, "checklist", (file,))
