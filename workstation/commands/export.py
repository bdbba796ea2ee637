"""``workstation export documents|preview|sign|request|return|release|sheet|receipt|roots|verifier|media``."""

import argparse
import sys
from pathlib import Path

from workstation.app import administering, documents, exporting, handing_over, release_sheet
from workstation.app.services import Session
from workstation.app.wording import size, word
from workstation.commands import desk
from workstation.commands.files import write_new
from workstation.commands.media import find
from workstation.core.documents import OFFERED
from workstation.core.exports import Export
from workstation.core.media import Medium
from workstation.core.report import DocumentKind
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

    verb("documents", "the documents this case can give as it stands", "case")
    looked = verb("preview", "write a document as it would be signed now, as PDF", "case")
    looked.add_argument("file", type=Path, metavar="FILE")
    signed = verb("sign", "compose a document and sign it as reviewer", "case")
    for one in (looked, signed):
        _document_arguments(one)
    request = verb("request", "ask the security officer to release a signed report", "report")
    request.add_argument("--recipient", required=True)
    back = verb("return", "return a request, as the security officer", "export")
    back.add_argument("--reason", required=True)
    release = verb("release", "sign last, write to a medium, read back", "export")
    release.add_argument("--medium", type=Path, required=True, help="mount point or folder of the medium")
    release.add_argument(
        "--seal-to",
        metavar="NAME",
        action="append",
        default=[],
        help="a confirmed recipient; may be repeated",
    )
    release.add_argument("--medium-marking", required=True, help="the marking on the medium's label")
    sheet = verb("sheet", "write label and custody receipt of a written export, as PDF", "export")
    sheet.add_argument("file", type=Path, metavar="FILE")
    receipt = verb("receipt", "record the countersigned custody receipt, as security officer", "export")
    receipt.add_argument("--received-by", required=True)
    receipt.add_argument("--received-on", type=desk.a_date, required=True, metavar="DATE")
    verb("media", "media plugged in now")
    roots = verb("roots", "write the office's root certificates, to be handed over by another channel")
    verifier = verb("verifier", "write the one-file verifier with the roots it needs, for a recipient")
    for one in (roots, verifier):
        one.add_argument("folder", type=Path, metavar="FOLDER")


def _document_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--document",
        choices=[_slug(kind) for kind in OFFERED],
        default=_slug(DocumentKind.DETERMINATION_REPORT),
        help="which one (default: the determination report)",
    )
    parser.add_argument(
        "--releasable-to",
        metavar="MARKING",
        default="",
        help="leave out everything that this banner does not cover",
    )
    span = "oversight summary: cases opened on or"
    parser.add_argument("--from", dest="first", type=desk.a_date, metavar="DATE", help=f"{span} after")
    parser.add_argument("--to", dest="last", type=desk.a_date, metavar="DATE", help=f"{span} before")


def _slug(kind: DocumentKind) -> str:
    return kind.replace(" ", "-")


def _wanted(options: argparse.Namespace) -> documents.Wanted:
    return documents.Wanted(
        kind=DocumentKind(options.document.replace("-", " ")),
        releasable_to=options.releasable_to,
        first=options.first,
        last=options.last,
    )


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb in {"documents", "preview", "sign"}:
            desk.show(options, _document(options, session))
        elif options.verb == "sheet":
            path = release_sheet.write_sheet(session, ExportId(options.export), options.file)
            desk.show(options, {"written": str(path)})
        elif options.verb == "media":
            desk.show(options, {"media": _media(session)})
        elif options.verb in {"roots", "verifier"}:
            give = administering.write_roots if options.verb == "roots" else handing_over.write_verifier
            written = give(session, options.folder)
            desk.show(options, {"written": written, "roots_sha384": administering.root_fingerprints(session)})
        else:
            _show(options, _act(options, session))
    return 0


def _document(options: argparse.Namespace, session: Session) -> dict[str, object]:
    case_id = CaseId(options.case)
    if options.verb == "documents":
        rows = [
            {"document": _slug(kind), "about": word("document-about", kind)}
            for kind in documents.kinds(session, case_id)
        ]
        return {"documents": rows}
    if options.verb == "preview":
        pdf = documents.preview(session, case_id, _wanted(options))
        write_new(options.file, pdf)
        return {"written": str(options.file), "size_bytes": len(pdf)}
    report = documents.certify(session, case_id, _wanted(options), desk.to_sign(options, session), desk.job())
    told: dict[str, object] = {"report_id": report.report_id, "sha384": report.pdf_sha384}
    if report.releasable_to:
        told |= {"marking": report.marking, "removed": report.removed}
    return told


def _media(session: Session) -> list[dict[str, str]]:
    return [
        {
            "folder": m.folder,
            "file_system": m.file_system,
            "free": size(m.free_bytes),
            "cautions": _cautions(session, m),
        }
        for m in session.services.media.list_media()
    ]


def _act(options: argparse.Namespace, session: Session) -> Export:
    if options.verb == "request":
        return exporting.request(session, ReportId(options.report), recipient=options.recipient)
    export_id = ExportId(options.export)
    if options.verb == "return":
        return exporting.return_request(session, export_id, reason=options.reason)
    if options.verb == "receipt":
        return exporting.record_receipt(
            session, export_id, received_by=options.received_by, received_on=options.received_on
        )
    medium = find(session, options.medium)
    told = _cautions(session, medium)
    if told:
        print(f"Before anything is written, the medium: {told}.", file=sys.stderr)
    chosen = exporting.Release(
        medium=medium, medium_marking=options.medium_marking, sealed_to=tuple(options.seal_to)
    )
    return exporting.release(session, export_id, chosen, desk.to_sign(options, session), desk.job())


def _cautions(session: Session, medium: Medium) -> str:
    return "; ".join(word("medium-warning", one) for one in exporting.cautions(session, medium))


def _show(options: argparse.Namespace, export: Export) -> None:
    desk.show(
        options,
        {
            "export_id": export.export_id,
            "state": word("export-state", export.state),
            "ending": word("ending", export.ending) if export.ending else None,
            "medium": export.medium or None,
            "folder": export.folder or None,
            "medium_name": export.medium_name or None,
            "sealed_to": list(export.sealed_to),
            "received_by": export.receipt.received_by if export.receipt else None,
        },
    )
