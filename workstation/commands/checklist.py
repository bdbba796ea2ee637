"""``workstation checklist show|answer|submit|proposals|tailor|undo-tailoring|return``."""

import argparse

from workstation.app import administering, benchmarks, leading, queries, reviewing
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.commands import desk
from workstation.core.checklists import Result
from workstation.core.values import CaseId, CriterionId, EvidenceLink


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, summary in (
        ("show", "the criteria and the answers you may see"),
        ("answer", "save your answer to one criterion"),
        ("submit", "submit your whole checklist"),
        ("proposals", "what the imports of the package propose; nobody is overwritten"),
        ("tailor", "as lead, state that a criterion does not apply to this case"),
        ("undo-tailoring", "as lead, ask such a criterion again"),
        ("return", "as lead, give a submitted checklist back to its reviewer with feedback"),
    ):
        verb = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
        verb.add_argument("case", metavar="CASE")
        if name in {"tailor", "undo-tailoring"}:
            verb.add_argument("criterion", metavar="CRITERION")
            verb.add_argument("--reason", required=True)
        if name == "return":
            verb.add_argument("reviewer", metavar="LOGIN", help="whose checklist goes back")
            verb.add_argument("--feedback", required=True)
        if name == "answer":
            verb.add_argument("criterion", metavar="CRITERION")
            verb.add_argument("result", choices=[str(result) for result in Result])
            verb.add_argument("--detail", default="")
            verb.add_argument(
                "--evidence", action="append", default=[], metavar="FILE", help="path in the package"
            )
            verb.add_argument("--portion", default="(U)", help="portion mark of the answer")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    case_id = CaseId(options.case)
    with desk.unlocked(options) as session:
        if options.verb == "answer":
            package = queries.case_view(session, case_id).package
            links = tuple(
                EvidenceLink(package_id=package.package_id, untrusted_path=path)
                for path in options.evidence
                if package
            )
            answer = reviewing.NewAnswer(
                criterion_id=CriterionId(options.criterion),
                result=Result(options.result),
                detail=options.detail,
                evidence=links,
                portion_marking=options.portion,
            )
            reviewing.answer(session, case_id, answer)
        elif options.verb == "submit":
            reviewing.submit_checklist(session, case_id)
        elif options.verb == "proposals":
            desk.show(options, {"proposals": _proposals(session, case_id)})
            return 0
        else:
            _lead(options, session, case_id)
        rows = [
            {
                "criterion": view.criterion_id,
                "mine": word("result", view.mine.result if view.mine else "unanswered"),
                "agreed": word("result", view.agreed),
                "question": view.text,
                "carried_from": _carried(view) or None,
                "tailored": view.tailored.reason if view.tailored else None,
            }
            for view in queries.criteria(session, case_id)
        ]
        desk.show(options, {"criteria": rows})
    return 0


def _lead(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    if options.verb in {"tailor", "undo-tailoring"}:
        act = leading.tailor if options.verb == "tailor" else leading.undo_tailoring
        act(session, case_id, CriterionId(options.criterion), reason=options.reason)
    elif options.verb == "return":
        reviewer = administering.person_by_login(session, options.reviewer)
        leading.return_checklist(session, case_id, reviewer.person_id, feedback=options.feedback)


def _carried(view: queries.CriterionView) -> str:
    """The version of the set under which one's own answer was given, where that is another one."""
    given = view.mine.set_reference if view.mine else ""
    return given if given != view.set_reference else ""


def _proposals(session: Session, case_id: CaseId) -> list[dict[str, object]]:
    found = benchmarks.proposals(session, case_id)
    return [
        {
            "criterion": one.criterion_id,
            "proposed": word("result", one.result),
            "by": f"proposed by {word('import', one.source)}",
            "detail": one.detail,
            "evidence": ", ".join(link.untrusted_path for link in one.evidence),
        }
        for listed in found.values()
        for one in listed
    ]
