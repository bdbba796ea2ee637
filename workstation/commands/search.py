"""``workstation search``: words of cases, files, answers, findings, benchmark results and referrals."""

import argparse

from workstation.app import full_texts, queries, searching
from workstation.app.wording import word
from workstation.commands import desk


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    desk.vault_arguments(parser)
    parser.add_argument("words", nargs="*", metavar="WORD", help="words or their beginnings; all must occur")
    parser.add_argument(
        "--index", action="store_true", help="read documents and transcripts that nobody has read yet first"
    )
    parser.add_argument("--rebuild", action="store_true", help="make the index anew first")


def run(options: argparse.Namespace) -> int:
    """Look, and print what was found under the banner that covers it."""
    with desk.unlocked(options) as session:
        facts: dict[str, object] = {}
        if options.rebuild:
            facts["indexed"] = searching.rebuild(session)
        if options.index:
            facts["passages_added"] = full_texts.index(session, desk.job())
        unread = full_texts.unread(session)
        facts["not_looked_through"] = {
            "packages_waiting": unread.packages_waiting,
            "files": {word("not-read", why): number for why, number in sorted(unread.files.items())},
        }
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
