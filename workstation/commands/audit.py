"""``workstation audit verify|show``."""

import argparse

from workstation.app import auditing
from workstation.commands import desk
from workstation.core.values import CaseId

_INTEGRITY = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verify = verbs.add_parser("verify", help="prove the chain, or name the first row that does not hold")
    desk.vault_arguments(verify)
    show = verbs.add_parser("show", help="the newest rows")
    desk.vault_arguments(show)
    show.add_argument("--case", metavar="CASE")
    show.add_argument("--before", type=int, metavar="SEQ")


def run(options: argparse.Namespace) -> int:
    """Do it; 4 when the chain does not hold."""
    with desk.unlocked(options) as session:
        if options.verb == "show":
            case_id = CaseId(options.case) if options.case else None
            rows = [
                {
                    "seq": r.seq,
                    "at": r.at.isoformat(),
                    "who": r.actor_name,
                    "event": r.event,
                    "case": r.case_id,
                }
                for r in auditing.page(session, case_id=case_id, before=options.before)
            ]
            desk.show(options, {"rows": rows})
            return 0
        answer = auditing.verify(session)
    desk.show(
        options,
        {
            "holds": answer.broken_seq is None,
            "rows": answer.rows,
            "head_sha384": answer.head_sha384,
            "first_broken_row": answer.broken_seq,
            "reason": answer.reason or None,
        },
    )
    return 0 if answer.broken_seq is None else _INTEGRITY
