"""One signed file that left a house: a report, a referral, a content set; checked against the office's trust.

An export folder is checked by ``exporting.verify``.
"""

from dataclasses import dataclass
from pathlib import Path

from workstation.app import administering, content
from workstation.app import verification_lines as lines
from workstation.app.services import Session
from workstation.core import content as sets
from workstation.core.examination import Outcome
from workstation.core.verifications import Problem

OFFICER_FIELD = "SecurityOfficer"  # whatever leaves the house carries the officer's signature
_MOST_SIDE_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class FileAnswer:
    """What holds, what does not, and what was seen: pairs of a caption and lines."""

    outcome: Outcome
    problems: tuple[Problem, ...]
    seen: tuple[tuple[str, tuple[str, ...]], ...]


def is_content_set(path: Path) -> bool:
    """Whether a signature and certificates lie beside the file, as beside a content set."""
    return all(path.with_name(path.name + one).is_file() for one in (content.SIGNATURE, content.CERTIFICATES))


def verify_file(session: Session, path: Path) -> FileAnswer:
    """Check one file, by what lies beside it.

    Raises:
        ContentUnreadable, ContentTrustMissing, ContentSignatureBad and the CRT errors, for a content set.
    """
    return _content_set(session, path) if is_content_set(path) else _document(session, path)


def _document(session: Session, path: Path) -> FileAnswer:
    """Every revision of a signed PDF; whatever is wrong with the file is a problem, never an exception."""
    trust, at = administering.trust_store(session), session.services.clock.now()
    answer = session.services.documents.verify_document(path, trust, at=at, last=OFFICER_FIELD)
    seen = (
        (path.name, lines.document_told(answer)),
        ("Roots", lines.roots_told(answer.roots_sha384, "kept in this vault")),
        ("Revocation lists", lines.lists_told(answer.crls)),
    )
    return FileAnswer(outcome=answer.outcome, problems=answer.problems, seen=seen)


def _content_set(session: Session, path: Path) -> FileAnswer:
    body, envelope, certificates = (
        _read(path.with_name(path.name + suffix), limit)
        for suffix, limit in (
            ("", sets.MAX_SET_BYTES),
            (content.SIGNATURE, _MOST_SIDE_BYTES),
            (content.CERTIFICATES, _MOST_SIDE_BYTES),
        )
    )
    head = sets.head_of(body)
    with session.look() as work:
        trust, at = content.trusted(work), work.highest_time
    if not trust.roots_der:
        raise sets.ContentTrustMissing
    signers = session.services.signing.verify_content(
        head.file_name,
        body,
        envelope,
        certificates,
        predicate=content.predicate_of(head),
        trust=trust,
        at=at,
    )
    told = tuple(f"{one.algorithm}, {one.untrusted_name}: holds, trusted" for one in signers)
    seen = (("Content set", (f"{head.id} v{head.version}",)), ("Signatures", told))
    return FileAnswer(outcome=Outcome.ACCEPT, problems=(), seen=seen)


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            found = stream.read(most_bytes + 1)
    except OSError as fault:
        raise sets.ContentUnreadable(file=path.name, reason=fault.strerror or "") from fault
    if len(found) > most_bytes:
        raise sets.ContentUnreadable(file=path.name, reason=f"larger than {most_bytes} bytes")
    return found
