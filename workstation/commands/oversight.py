"""``workstation oversight register|figures|similar``."""

import argparse
import dataclasses

from workstation.app import oversight
from workstation.commands import desk
from workstation.core.values import CaseId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, summary in (
        ("register", "every participation: received, state, outcome, days used"),
        ("figures", "how many were received, withdrawn, lapsed and determined, and the median of days used"),
    ):
        verb = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
        verb.add_argument("--from", dest="first", type=desk.a_date, metavar="DATE", help="opened on or after")
        verb.add_argument("--to", dest="last", type=desk.a_date, metavar="DATE", help="opened on or before")
    similar = verbs.add_parser("similar", help="how earlier cases with similar readings were determined")
    desk.vault_arguments(similar)
    similar.add_argument("case", metavar="CASE")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "similar":
            found = oversight.earlier_cases(session, CaseId(options.case))
            desk.show(options, {"earlier_cases": [dataclasses.asdict(one) for one in found]})
            return 0
        over = oversight.look_over(session, options.first, options.last)
    facts: dict[str, object] = {"from": over.first, "to": over.last}
    if options.verb == "register":
        facts["register"] = [dataclasses.asdict(entry) for entry in over.entries]
    else:
        facts |= dataclasses.asdict(over.figures)
    desk.show(options, facts)
    return 0
