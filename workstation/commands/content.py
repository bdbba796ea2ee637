"""``workstation content list|show|add|trust|sign|move``."""

import argparse
from pathlib import Path

from workstation.app import content, leading
from workstation.app.wording import word
from workstation.commands import desk
from workstation.core.benchmarks import BenchmarkProfile, Rule
from workstation.core.markings import Vocabulary
from workstation.core.values import CaseId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = {}
    for name, summary in (
        ("list", "the sets kept here, who signed them, and which came with the program"),
        ("show", "everything one set says"),
        ("add", "verify a signed set and offer it from here on; no case moves by it"),
        ("trust", "as custodian, choose whose signature on content sets is believed"),
        ("sign", "sign a set as yourself, for this office or another"),
        ("move", "as lead, review or read one case by another version, with a reason"),
    ):
        verb = made[name] = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
    made["show"].add_argument("reference", metavar="SET", help='name and version: "eo14409 v1"')
    made["add"].add_argument("path", type=Path, metavar="PATH")
    made["add"].add_argument(
        "--trust", type=Path, metavar="DIR", help="as custodian, take these roots in first, as with trust"
    )
    made["trust"].add_argument("folder", type=Path, metavar="DIR", help="roots and revocation lists")
    made["trust"].add_argument("--replace", action="store_true", help="in the place of other roots")
    made["sign"].add_argument("path", type=Path, metavar="PATH")
    made["move"].add_argument("case", metavar="CASE")
    made["move"].add_argument("reference", metavar="SET")
    made["move"].add_argument("--reason", required=True)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "add":
            if options.trust is not None:
                content.trust(session, options.trust)
            desk.show(options, _line(content.add(session, options.path)))
        elif options.verb == "trust":
            roots = content.trust(session, options.folder, replacing=options.replace)
            desk.show(options, {"roots_sha384": list(roots)})
        elif options.verb == "sign":
            names = content.sign(session, options.path, desk.to_sign(options, session))
            desk.show(options, {"written": list(names)})
        elif options.verb == "move":
            case = leading.move(session, CaseId(options.case), options.reference, reason=options.reason)
            facts = {"case_id": case.case_id, "criteria": case.criteria_set}
            desk.show(options, facts | {"benchmark_profile": case.benchmark_profile})
        elif options.verb == "show":
            row, made = content.show(session, options.reference)
            desk.show(options, _line(row) | _inside(made))
        else:
            desk.show(options, {"sets": [_line(row) for row in content.rows(session)]})
    return 0


def _line(row: content.ContentRow) -> dict[str, object]:
    return {
        "set": row.reference,
        "kind": word("content-kind", row.kind),
        "entries": row.entries,
        "signed_by": ", ".join(row.signers) or "came with the program, pinned by digest",
        "sha384": row.sha384,
        "title": row.title,
        "notice": row.notice,
    }


def _inside(made: object) -> dict[str, object]:
    if isinstance(made, BenchmarkProfile):
        criteria: list[object] = [
            {
                "id": one.criterion_id,
                "title": one.title,
                "suite": one.suite,
                "metrics": ", ".join(one.metrics),
                "threshold": f"{word('direction', one.direction)} {one.threshold} {one.unit}",
            }
            for one in made.criteria
        ]
        return {"invented": made.invented, "rule": rule_words(made.rule), "criteria": criteria}
    if isinstance(made, Vocabulary):
        words = made.data
        return {
            name: ", ".join(entry.id for entry in getattr(words, name))
            for name in ("sci", "aea", "dissem", "other", "tetragraphs")
        } | {"countries": len(words.countries), "cui_categories": len(words.cui.categories)}
    criteria = [
        {"id": one.criterion_id, "question": one.text, "evidence": one.evidence_wanted}
        for one in getattr(made, "criteria", ())
    ]
    return {"criteria": criteria}


def rule_words(rule: Rule) -> str:
    """A rule in one line: ``at least 2 of (B1, at least 1 of (B2, B3))``."""
    parts = (rule_words(part) if isinstance(part, Rule) else part for part in rule.parts)
    return f"at least {rule.least} of ({', '.join(parts)})"
