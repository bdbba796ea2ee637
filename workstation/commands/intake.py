"""``workstation intake receive|accept|return|compare|unfinished``."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from workstation.app import amendments, intake, quarantine, queries
from workstation.app.reasons import reason
from workstation.app.services import Session
from workstation.app.wording import is_reduced, word
from workstation.commands import desk
from workstation.core.examination import Coverage, Outcome
from workstation.core.packages import Package
from workstation.core.values import CaseId, PackageId

_STATUS = {Outcome.ACCEPT: 0, Outcome.WARN: 1, Outcome.REJECT: 2}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    receive = verbs.add_parser("receive", help="read a submission from a medium into quarantine")
    desk.vault_arguments(receive)
    receive.add_argument("case", metavar="CASE")
    receive.add_argument("source", type=Path, metavar="PATH", help="bag, folder, zip, tar or file")
    for name, summary in (("accept", "accept a quarantined package"), ("return", "return it as deficient")):
        decide = verbs.add_parser(name, help=summary)
        desk.vault_arguments(decide)
        decide.add_argument("package", metavar="PACKAGE")
        decide.add_argument("--reason", default="")
    compare = verbs.add_parser("compare", help="an amended submission against the one before")
    desk.vault_arguments(compare)
    compare.add_argument("case", metavar="CASE")
    listing = verbs.add_parser("unfinished", help="packages whose reading was interrupted")
    desk.vault_arguments(listing)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status: of ``receive``, what the examination found."""
    with desk.unlocked(options) as session:
        if options.verb == "unfinished":
            rows = [
                {"package_id": p.package_id, "case_id": p.case_id} for p in quarantine.unfinished(session)
            ]
            desk.show(options, {"unfinished": rows})
            return 0
        if options.verb == "compare":
            _compare(options, session, CaseId(options.case))
            return 0
        if options.verb == "receive":
            package = intake.receive(session, CaseId(options.case), options.source, desk.job())
            _show(options, package, amendments.coverage(session, package.package_id))
            broken = quarantine.objection(package)
            if broken is not None:
                desk.warn(broken)
            return _STATUS[package.outcome]
        package_id = PackageId(options.package)
        decide = quarantine.accept if options.verb == "accept" else quarantine.return_as_deficient
        decided = decide(session, package_id, reason=options.reason)
        _show(options, decided, amendments.coverage(session, package_id))
    return 0


def _compare(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    present = queries.case_view(session, case_id).package
    earlier = amendments.earlier_packages(session, case_id)
    if present is None or not earlier:
        desk.show(options, {"earlier": None, "changes": []})
        return
    found = amendments.difference(session, earlier[0].package_id, present.package_id)
    changes = [{"change": str(c.change), "path": c.untrusted_path} for c in found.changes]
    counts = {str(change): count for change, count in found.counts.items()}
    desk.show(options, {"earlier": found.earlier, "later": found.later, **counts, "changes": changes})


def _show(options: argparse.Namespace, package: Package, coverage: Mapping[str, int]) -> None:
    """The five words are counted apart: what readers found, what nobody looked at, what a reviewer saw."""
    desk.show(
        options,
        {
            "package_id": package.package_id,
            "state": word("package-state", package.state),
            "form": package.kind,
            "files": package.file_count,
            "bytes": package.total_bytes,
            "sha384": package.digest_sha384,
            "outcome": word("outcome", package.outcome),
            "coverage": {
                str(one): coverage.get("opened" if one is Coverage.SEEN else str(one), 0) for one in Coverage
            },
            "examined_under": ", ".join(package.isolation),
            "isolation_reduced": is_reduced(package.isolation),
            "findings": [
                {
                    "code": f.code,
                    "severity": str(f.severity),
                    "path": f.path,
                    "message": reason(f.code).what,
                    "next": reason(f.code).next,
                    "detail": f.detail,
                }
                for f in package.findings
            ],
        },
    )
