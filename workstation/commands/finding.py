"""``workstation finding``: add, import, list, show, judge, score, embargo and patch findings."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workstation.app import finding_sources, findings, queries
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.commands import desk
from workstation.commands.files import text_of
from workstation.core.findings import (
    Embargo,
    Finding,
    FindingKind,
    FindingText,
    Origin,
    OriginKind,
    PatchState,
)
from workstation.core.values import CaseId, EvidenceLink, FindingId, PersonId

_JUDGING = {
    "validate": "say that you saw it too, and how; never of your own",
    "reject": "say why it does not hold; never of your own",
    "reopen": "take a judgement back",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *names: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary, description=summary)
        desk.vault_arguments(added)
        for positional in names:
            added.add_argument(positional, metavar=positional.upper())
        return added

    add = verb("add", "report a flaw, or a defensive tool worth passing on", "case")
    add.add_argument("--kind", choices=[str(kind) for kind in FindingKind], default=str(FindingKind.FLAW))
    add.add_argument("--origin", choices=[str(kind) for kind in OriginKind], default=str(OriginKind.REVIEWER))
    add.add_argument("--tool", default="", help="the tool that noticed it")
    add.add_argument("--rule", default="", help="the tool's or examination's own code for it")
    add.add_argument("--vector", action="append", default=[], help="CVSS 3.0, 3.1 or 4.0; may be repeated")
    _text_arguments(add, required=True)
    taken = verb(
        "import",
        "list what a tool's report (SARIF) in the package says, or record some of it",
        "case",
        "file",
    )
    taken.add_argument(
        "--result", type=int, action="append", metavar="N", help="record this one; may be repeated"
    )
    verb("list", "the findings of a case that you may see", "case")
    verb("show", "one finding with its history and what resembles it", "finding")
    revise = verb("revise", "say it better, before it is judged", "finding")
    _text_arguments(revise, required=False)
    revise.add_argument("--reason", required=True)
    for name, summary in _JUDGING.items():
        verb(name, summary, "finding").add_argument("--reason", required=True)
    _tracking_arguments(verb)


def _tracking_arguments(verb: Callable[..., argparse.ArgumentParser]) -> None:
    duplicate = verb("duplicate", "say that another finding tells it already", "finding")
    duplicate.add_argument("of", metavar="OTHER")
    duplicate.add_argument("--reason", required=True)
    score = verb("score", "replace the CVSS vectors; none takes them away", "finding")
    score.add_argument("vectors", nargs="*", metavar="VECTOR")
    embargo = verb("embargo", "agree, move or lift an embargo", "finding")
    when = embargo.add_mutually_exclusive_group(required=True)
    when.add_argument("--until", type=desk.a_date, metavar="DATE")
    when.add_argument("--lift", action="store_true")
    embargo.add_argument("--with", dest="parties", action="append", default=[], metavar="PARTY")
    embargo.add_argument("--reason", required=True)
    patch = verb("patch", "note what is known of a correction", "finding")
    patch.add_argument("state", choices=[str(state) for state in PatchState])
    patch.add_argument("--note", default="")


def _text_arguments(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--title", required=required)
    told = parser.add_mutually_exclusive_group(required=required)
    told.add_argument("--description")
    told.add_argument("--description-file", type=Path, metavar="FILE", help="read it from a file")
    parser.add_argument("--component", required=required, help="what is affected")
    parser.add_argument("--portion", help="portion mark (default: (U))")
    parser.add_argument("--cwe", help="such as CWE-502")
    parser.add_argument("--cwe-name", help="the weakness's name as published")
    evidence = "path in the package, with a place after a # where there is one; may be repeated"
    parser.add_argument("--evidence", action="append", metavar="FILE[#PLACE]", help=evidence)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "list":
            rows = [_row(one) for one in findings.of_case(session, CaseId(options.case))]
            desk.show(options, {"findings": rows})
        elif options.verb == "import":
            _import(options, session)
        elif options.verb == "show":
            _show(options, session)
        else:
            finding = _add(options, session) if options.verb == "add" else _act(options, session)
            desk.show(options, _row(finding))
    return 0


def _add(options: argparse.Namespace, session: Session) -> Finding:
    case_id = CaseId(options.case)
    empty = FindingText(title="-", description="-", component="-", portion_marking="(U)")
    new = findings.NewFinding(
        kind=FindingKind(options.kind),
        origin=Origin(kind=OriginKind(options.origin), tool=options.tool, rule=options.rule),
        text=_text(options, session, case_id, empty),
        vectors=tuple(options.vector),
    )
    return findings.report(session, case_id, new)


def _text(options: argparse.Namespace, session: Session, case_id: CaseId, former: FindingText) -> FindingText:
    """What was typed over what was there; nothing typed leaves a field as it was."""
    description = options.description
    if options.description_file is not None:
        description = text_of(options.description_file)
    given = {
        "title": options.title,
        "description": description,
        "component": options.component,
        "portion_marking": options.portion,
        "cwe": options.cwe,
        "cwe_name": options.cwe_name,
        "evidence": evidence_of(session, case_id, options.evidence) if options.evidence else None,
    }
    return replace(former, **{name: value for name, value in given.items() if value is not None})


def evidence_of(session: Session, case_id: CaseId, places: Sequence[str]) -> tuple[EvidenceLink, ...]:
    """Links into the case's package from ``path#place`` words."""
    package = queries.case_view(session, case_id).package
    links = []
    for place in places:
        path, _, anchor = place.partition("#")
        if package is not None:
            links.append(EvidenceLink(package_id=package.package_id, untrusted_path=path, anchor=anchor))
    return tuple(links)


def _import(options: argparse.Namespace, session: Session) -> None:
    """Nothing is recorded that was not named by its number, nor twice by the same person."""
    case_id = CaseId(options.case)
    package = queries.case_view(session, case_id).package
    if package is None:
        desk.show(options, {"results": []})
        return
    results = finding_sources.of_tool(session, case_id, package.package_id, options.file)
    made = {
        one.number: findings.report(session, case_id, one.new).finding_id
        for one in results
        if one.number in (options.result or ()) and one.known is None
    }
    rows = [
        {
            "result": one.number,
            "level": one.level,
            "finding": made.get(one.number, one.known),
            "rule": one.new.origin.rule,
            "title": one.new.text.title,
        }
        for one in results
    ]
    desk.show(options, {"results": rows})


def _act(options: argparse.Namespace, session: Session) -> Finding:
    finding_id = FindingId(options.finding)
    if options.verb in _JUDGING:
        judge = {"validate": findings.validate, "reject": findings.reject, "reopen": findings.reopen}
        return judge[options.verb](session, finding_id, reason=options.reason)
    if options.verb == "duplicate":
        return findings.mark_duplicate(session, finding_id, FindingId(options.of), reason=options.reason)
    if options.verb == "score":
        return findings.score(session, finding_id, *options.vectors)
    if options.verb == "patch":
        return findings.note_patch(session, finding_id, PatchState(options.state), note=options.note)
    if options.verb == "revise":
        former = findings.view(session, finding_id).finding
        text = _text(options, session, former.case_id, former.text)
        return findings.revise(session, finding_id, text, reason=options.reason)
    embargo = None
    if options.until is not None:
        embargo = Embargo(until=options.until, parties=tuple(options.parties), reason=options.reason)
    return findings.set_embargo(session, finding_id, embargo, reason=options.reason)


def _row(finding: Finding) -> dict[str, object]:
    worst = finding.worst
    return {
        "finding_id": finding.finding_id,
        "kind": str(finding.kind),
        "state": word("finding-state", finding.state),
        "score": f"{worst.base:.1f} {word('cvss-severity', worst.severity)}" if worst else None,
        "patch": word("patch-state", finding.patch),
        "portion": finding.text.portion_marking,
        "title": finding.text.title,
    }


def _show(options: argparse.Namespace, session: Session) -> None:
    view = findings.view(session, FindingId(options.finding))
    finding, names = view.finding, _names(session)
    text = finding.text
    desk.show(
        options,
        {
            **_row(finding),
            "component": text.component,
            "description": text.description,
            "cwe": f"{text.cwe} {text.cwe_name}".strip() or None,
            "vectors": [one.vector for one in finding.scores],
            "origin": " ".join((str(finding.origin.kind), finding.origin.tool, finding.origin.rule)).strip(),
            "duplicate_of": finding.duplicate_of,
            "embargo_until": finding.embargo.until if finding.embargo else None,
            "embargo_with": list(finding.embargo.parties) if finding.embargo else [],
            "patch_note": finding.patch_note or None,
            "evidence": [f"{link.untrusted_path}#{link.anchor}".rstrip("#") for link in text.evidence],
            "resembles": [*view.resembles, *view.elsewhere],
            "referrals": list(finding.referrals),
            "history": [
                {
                    "at": change.at.isoformat(),
                    "by": names[change.by],
                    "act": word("finding-act", change.act),
                    "reason": change.reason,
                }
                for change in finding.history
            ],
        },
    )


def _names(session: Session) -> dict[PersonId, str]:
    return {person.person_id: person.display_name for person in queries.people(session)}
