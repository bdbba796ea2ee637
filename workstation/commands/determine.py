"""``workstation determine opinion|recommend|consult|determine``."""

import argparse

from workstation.app import determining
from workstation.app.wording import word
from workstation.commands import desk
from workstation.core.cases import Case
from workstation.core.determinations import Conclusion, Consultee
from workstation.core.values import CaseId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, summary in (
        ("opinion", "give your own opinion as a reviewer"),
        ("recommend", "recommend, as the lead reviewer"),
        ("determine", "determine, as the determination official"),
    ):
        verb = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
        verb.add_argument("case", metavar="CASE")
        verb.add_argument("conclusion", choices=[str(conclusion) for conclusion in Conclusion])
        verb.add_argument("--reasons", required=True)
        if name == "opinion":
            verb.add_argument("--dissent", action="store_true")
        else:
            verb.add_argument("--gap", action="append", default=[], help="what is missing; may be repeated")
    consult = verbs.add_parser("consult", help="record that a party the order names was asked")
    desk.vault_arguments(consult)
    consult.add_argument("case", metavar="CASE")
    consult.add_argument("party", choices=[str(consultee) for consultee in Consultee])
    consult.add_argument("--asked", type=desk.a_date, required=True, metavar="DATE")
    consult.add_argument("--answered", type=desk.a_date, metavar="DATE")
    consult.add_argument("--answer", default="", help="leave out where the party was silent")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        case_id = CaseId(options.case)
        if options.verb == "consult":
            case = determining.record_consultation(
                session,
                case_id,
                Consultee(options.party),
                asked_on=options.asked,
                answered_on=options.answered,
                answer=options.answer,
            )
        else:
            conclusion = Conclusion(options.conclusion)
            if options.verb == "opinion":
                case = determining.give_opinion(
                    session, case_id, conclusion=conclusion, reasons=options.reasons, dissents=options.dissent
                )
            else:
                conclude = determining.recommend if options.verb == "recommend" else determining.determine
                case = conclude(
                    session, case_id, conclusion=conclusion, reasons=options.reasons, gaps=tuple(options.gap)
                )
        _show(options, case)
    return 0


def _show(options: argparse.Namespace, case: Case) -> None:
    determination = case.determination
    desk.show(
        options,
        {
            "case_id": case.case_id,
            "state": word("state", case.state),
            "opinions": len(case.opinions),
            "consultations": len(case.consultations),
            "determination": word("conclusion", determination.conclusion) if determination else None,
        },
    )
