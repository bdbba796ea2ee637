"""``workstation search``: words of cases, files, answers, findings, benchmark results and referrals."""

import argparse

from workstation.app import queries, searching
from workstation.app.wording import word
from workstation.commands import desk


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    desk.vault_arguments(parser)
    parser.add_argument("words", nargs="*", metavar="WORD", help="words or their beginnings; all must occur")
    parser.add_argument("--rebuild", action="store_true", help="make the index anew first")


def run(options: argparse.Namespace) -> int:
    """Look, and print what was found under the banner that covers it."""
    with desk.unlocked(options) as session:
        facts: dict[str, object] = {}
        if options.rebuild:
            facts["indexed"] = searching.rebuild(session)
        hits = searching.search(session, searching.known(session, None), " ".join(options.words))
        facts["marking"] = queries.covering_marking(session, [hit.marking for hit in hits])
    facts["found"] = [
        {
            "kind": word("hit", hit.kind),
            "case_id": hit.case_id,
            "words": hit.untrusted_words,
            "about": hit.untrusted_about,
            "marking": hit.marking,
        }
        for hit in hits
    ]
    desk.show(options, facts)
    return 0
