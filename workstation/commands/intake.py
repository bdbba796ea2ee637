"""``workstation intake receive|accept|return|unfinished``."""

import argparse
from pathlib import Path

from workstation.app import intake, quarantine
from workstation.app.wording import word
from workstation.commands import desk
from workstation.core.examination import Outcome
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
        if options.verb == "receive":
            package = intake.receive(session, CaseId(options.case), options.source, desk.job())
            _show(options, package)
            return _STATUS[package.outcome]
        package_id = PackageId(options.package)
        decide = quarantine.accept if options.verb == "accept" else quarantine.return_as_deficient
        _show(options, decide(session, package_id, reason=options.reason))
    return 0


def _show(options: argparse.Namespace, package: Package) -> None:
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
            "examined_under": ", ".join(package.isolation),
            "findings": [
                {"code": f.code, "severity": str(f.severity), "path": f.path, "detail": f.detail}
                for f in package.findings
            ],
        },
    )
