"""``workstation checklist show|answer|submit``."""

import argparse

from workstation.app import queries, reviewing
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
    ):
        verb = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
        verb.add_argument("case", metavar="CASE")
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
        rows = [
            {
                "criterion": view.criterion_id,
                "mine": word("result", view.mine.result if view.mine else "unanswered"),
                "agreed": word("result", view.agreed),
                "question": view.text,
            }
            for view in queries.criteria(session, case_id)
        ]
        desk.show(options, {"criteria": rows})
    return 0
