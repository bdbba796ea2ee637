"""``workstation export sign|request|return|release|roots|media``."""

import argparse
import sys
from pathlib import Path

from workstation.app import administering, exporting, reporting
from workstation.app.services import Session
from workstation.app.wording import size, word
from workstation.commands import desk
from workstation.core.exports import Export
from workstation.core.media import Medium
from workstation.core.values import CaseId, ExportId, ReportId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *names: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary)
        desk.vault_arguments(added)
        for positional in names:
            added.add_argument(positional, metavar=positional.upper())
        return added

    verb("sign", "compose the determination report and sign it as reviewer", "case")
    request = verb("request", "ask the security officer to release a signed report", "report")
    request.add_argument("--recipient", required=True)
    back = verb("return", "return a request, as the security officer", "export")
    back.add_argument("--reason", required=True)
    release = verb("release", "sign last, write to a medium, read back", "export")
    release.add_argument("--medium", type=Path, required=True, help="mount point or folder of the medium")
    release.add_argument("--medium-marking", required=True, help="the marking on the medium's label")
    verb("media", "media plugged in now")
    roots = verb("roots", "write the office's root certificates, to be handed over by another channel")
    roots.add_argument("folder", type=Path, metavar="FOLDER")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "sign":
            report = reporting.certify(session, CaseId(options.case), desk.passphrase(options), desk.job())
            desk.show(options, {"report_id": report.report_id, "sha384": report.pdf_sha384})
        elif options.verb == "media":
            rows = [
                {
                    "folder": m.folder,
                    "file_system": m.file_system,
                    "free": size(m.free_bytes),
                    "cautions": _cautions(session, m),
                }
                for m in session.services.media.list_media()
            ]
            desk.show(options, {"media": rows})
        elif options.verb == "roots":
            written = administering.write_roots(session, options.folder)
            desk.show(options, {"written": written, "roots_sha384": administering.root_fingerprints(session)})
        else:
            _show(options, _act(options, session))
    return 0


def _act(options: argparse.Namespace, session: Session) -> Export:
    if options.verb == "request":
        return exporting.request(session, ReportId(options.report), recipient=options.recipient)
    export_id = ExportId(options.export)
    if options.verb == "return":
        return exporting.return_request(session, export_id, reason=options.reason)
    medium = _medium(session, options.medium)
    told = _cautions(session, medium)
    if told:
        print(f"Before anything is written, the medium: {told}.", file=sys.stderr)
    chosen = exporting.Release(medium=medium, medium_marking=options.medium_marking)
    return exporting.release(session, export_id, chosen, desk.passphrase(options), desk.job())


def _cautions(session: Session, medium: Medium) -> str:
    return "; ".join(word("medium-warning", one) for one in exporting.cautions(session, medium))


def _medium(session: Session, folder: Path) -> Medium:
    """The medium mounted at ``folder``, or the folder itself where nothing is."""
    media = session.services.media
    for medium in media.list_media():
        if Path(medium.folder) == folder.absolute():
            return medium
    return media.folder_medium(str(folder))


def _show(options: argparse.Namespace, export: Export) -> None:
    desk.show(
        options,
        {
            "export_id": export.export_id,
            "state": word("export-state", export.state),
            "ending": word("ending", export.ending) if export.ending else None,
            "medium": export.medium or None,
            "folder": export.folder or None,
        },
    )
