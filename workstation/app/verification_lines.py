"""What a verification rests on and what it saw, in words: the same in the window and on the command line."""

from collections.abc import Iterator

from workstation.app.wording import has_word, moment, visible, word
from workstation.core.verifications import CrlAge, PdfVerification, Revision, SignatureReport

_SHORT = 16


def roots_told(roots_sha384: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Each root's fingerprint below where the roots came from; that there are none, where there are none."""
    if not roots_sha384:
        return ("No root was given, so no signature can be believed.",)
    told = f"Roots believed, SHA-384, {source}; nothing that came with the export is believed:"
    return (told, *(f"  {one}" for one in roots_sha384))


def lists_told(crls: tuple[CrlAge, ...]) -> tuple[str, ...]:
    """Age and source of each revocation list; that there is none, where there is none."""
    if not crls:
        return ("No revocation list of these roots was found: whether a signer is revoked cannot be told.",)
    return ("Revocation lists:", *(f"  {_list_told(one)}" for one in crls))


def _list_told(one: CrlAge) -> str:
    days = one.age.days
    age = f"{days} day{'' if days == 1 else 's'} old" if days >= 0 else "dated in the future"
    until = f"next due {moment(one.next_update)}" if one.next_update else "says not when the next is due"
    issued, source = moment(one.issued_at), word("list-source", one.source)
    return f"Of root {one.issuer_sha384[:_SHORT]}: issued {issued}, {age}, {until}, {source}"


def document_told(document: PdfVerification) -> tuple[str, ...]:
    """A signed PDF: whether it is unchanged, every revision, what each signature covers, what came after."""
    name = visible(document.path, lines=False)
    return (f"{name}: {_unchanged(document)}", *(f"  {line}" for line in _revisions(document)))


def _unchanged(document: PdfVerification) -> str:
    whole = bool(document.signatures) and document.signatures[-1].covers == "entire-file"
    if document.unchanged and whole:
        return f"unchanged; the last signature covers the whole file, {document.size_bytes:,} bytes"
    if not document.signatures:
        return "no signature, so nothing says whether it was changed"
    if not whole:
        return "CHANGED or cut: the last signature does not cover the whole file"
    return "CHANGED: something came after a signature that does not allow it, or a signature does not hold"


def _revisions(document: PdfVerification) -> Iterator[str]:
    by_field = {one.where.rpartition("#")[2]: one for one in document.signatures}
    total = len(document.revisions)
    for revision in document.revisions:
        yield f"Revision {revision.number} of {total}, to byte {revision.end_byte:,}: {_ends_with(revision)}"
        for field in revision.signed_by:
            if field in by_field:
                yield f"  {_signature(field, by_field[field])}"
    for field in document.unsigned_fields:
        yield f"Field {visible(field, lines=False)}: not signed"


def _ends_with(revision: Revision) -> str:
    return "" if revision.signed_by else "no signature ends here"


def _signature(field: str, one: SignatureReport) -> str:
    claimed = f"claimed {moment(one.claimed_at)}" if one.claimed_at else "no time claimed"
    parts = [
        f"{visible(field, lines=False)}: {visible(one.untrusted_name, lines=False)}",
        visible(one.role, lines=False),
        claimed,
        state_told(one),
        word("covers", one.covers),
        _later(one),
        word("after-signing", one.permission) if one.permission else "",
    ]
    return ", ".join(part for part in parts if part)


def _later(one: SignatureReport) -> str:
    """What came after it; bytes behind the last revision are no revision, and yet something that came."""
    if one.later_changes == "none" and one.covers != "entire-file":
        return "no revision came after it, and the file goes on"
    return word("later-changes", one.later_changes) if has_word("later-changes", one.later_changes) else ""


def state_told(one: SignatureReport) -> str:
    """Whether a signature holds, and whether its signer may be believed."""
    if one.valid and one.trusted:
        return "holds, trusted"
    return "holds, not trusted" if one.valid else "does not hold"
