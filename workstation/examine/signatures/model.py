"""OpenSSF model signing, releases 0.2 to 1.1: is the folder exactly what was signed, and by whom?

Three modes: a bare key, a certificate chain, and sigstore. What is trusted comes from the person
(``notes.trust``), never from the submission; without it nothing is called verified.
"""

from typing import Any

from workstation.examine.evaluations.facts import text
from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.signatures import bundle as bundles
from workstation.examine.signatures import keys
from workstation.examine.signatures import statement as statements
from workstation.examine.signatures.bundle import Bundle, Invalid
from workstation.examine.signatures.compare import Comparison, compare, difference
from workstation.examine.signatures.statement import Statement

MAX_BYTES = 64 << 20
MAX_LISTED = 50


def examine(source: Source, notes: Notes) -> None:
    """Verify the signature, then every file it covers."""
    if source.size_bytes > MAX_BYTES:
        raise Unreadable("SIG_TOO_LARGE", f"{source.size_bytes} bytes")
    raw = b"".join(source.read_at(at, 1 << 20) for at in range(0, source.size_bytes, 1 << 20))
    try:
        _verify(raw, notes)
    except Invalid as reason:
        _refuse(reason, notes)


def _refuse(reason: Invalid, notes: Notes) -> None:
    # One word for how the submission differs from what was signed, so that cases can be told apart.
    notes.facts["mutation"] = reason.how
    notes.facts["signature"] = "invalid"
    notes.danger("SIG_INVALID", text(reason.detail, 400))


def _verify(raw: bytes, notes: Notes) -> None:
    content = bundles.strict_json(raw, "the signature")
    if not bundles.is_bundle(content):
        if "messageSignature" in content:
            notes.facts["signature"] = "unread"
            notes.incomplete("SIG_OTHER", "a signature over one artifact without a statement")
            return
        raise Invalid("structure", "no envelope")
    bundle = bundles.parse(content)
    if bundle.payload_type != bundles.PAYLOAD_TYPE:
        raise Invalid("payloadtype", f"payload type {bundle.payload_type[:80]}")
    said = bundles.strict_json(bundle.payload, "the signed statement")
    if not statements.is_model_signature(said):
        notes.facts["signature"] = "unread"
        notes.incomplete("SIG_OTHER", text(said.get("predicateType")))
        return
    statement = statements.parse(said)
    notes.facts["predicate"] = statement.predicate_type
    notes.facts["signed_files"] = len({piece.path for piece in statement.pieces})
    _identity(bundle, notes)
    _authenticity(bundle, notes)
    _integrity(statement, notes)


def _identity(bundle: Bundle, notes: Notes) -> None:
    """Which mode, before anything is judged."""
    if bundle.certificates:
        is_sigstore = bundle.has_log or len(bundle.certificates) == 1
        notes.facts["kind"] = "sigstore" if is_sigstore else "certificate"
    elif bundle.key_hint.startswith("ML_DSA_"):
        notes.facts["kind"] = "ml-dsa"
    elif bundle.embedded_key:
        key = keys.key_from(bundle.embedded_key)
        notes.facts["kind"] = keys.family(key) if key is not None else "other-key"
    else:
        # An ECDSA signature is a DER sequence; nothing else in use here begins like that.
        notes.facts["kind"] = "elliptic-key" if bundle.signature[:1] == b"\x30" else "key"


def _authenticity(bundle: Bundle, notes: Notes) -> None:
    trust = keys.read_trust(notes.trust)
    if notes.trust and not trust:
        notes.incomplete("SIG_TRUST_EMPTY", "")
    if bundle.certificates:
        _by_certificate(bundle, trust, notes)
    else:
        _by_key(bundle, trust, notes)


def _by_certificate(bundle: Bundle, trust: keys.Trust, notes: Notes) -> None:
    chain = keys.load_chain(bundle)
    leaf = chain[0]
    key = leaf.public_key()
    notes.facts["signer"] = text(leaf.subject.rfc4514_string())
    notes.facts["issuer"] = text(leaf.issuer.rfc4514_string())
    names = _names(leaf)
    notes.facts["names"] = names
    notes.facts["certificate_from"] = leaf.not_valid_before_utc.isoformat()
    notes.facts["certificate_to"] = leaf.not_valid_after_utc.isoformat()
    _require_holds(key, bundle, notes)
    if not trust:
        notes.facts["signature"] = "intact"
        notes.caution("SIG_NO_TRUST_ROOT", text(leaf.subject.rfc4514_string() or ", ".join(names)))
        return
    if not any(keys.fingerprint(key) == keys.fingerprint(trusted) for trusted in trust.keys):
        keys.require_path(chain, trust.certificates)
    if notes.facts["kind"] == "sigstore":
        # Its certificate lived for minutes; only the log could prove that it was used in them.
        notes.facts["signature"] = "intact"
        notes.caution("SIG_NO_TRUST_ROOT", "the transparency log is not verified")
    else:
        notes.facts["signature"] = "valid"


def _names(leaf: Any) -> list[str]:
    """The alternative names of a certificate: whom sigstore says it was given to."""
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox

    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return []
    return [text(str(name.value)) for name in list(extension.value)[:10]]


def _require_holds(key: Any, bundle: Bundle, notes: Notes) -> None:
    how = keys.holds(key, bundle)
    if not how:
        raise Invalid("sigflip", "the signature does not fit the signed statement")
    notes.facts["key_sha256"] = keys.fingerprint(key)
    if how == "old":
        notes.note("SIG_OLD_FORMAT", "")


def _by_key(bundle: Bundle, trust: keys.Trust, notes: Notes) -> None:
    trusted = [*trust.keys, *(certificate.public_key() for certificate in trust.certificates)]
    if trust:
        if bundle.key_hint:
            named = [key for key in trusted if keys.fits_hint(key, bundle.key_hint)]
            if not named:
                raise Invalid("key", "signed with another key than the trusted one")
            trusted = named
        key = next((key for key in trusted if keys.holds(key, bundle)), None)
        if key is None:
            raise Invalid("sigflip", "the signature does not fit the signed statement and a trusted key")
        notes.facts["kind"] = keys.family(key)
        _require_holds(key, bundle, notes)
        notes.facts["signature"] = "valid"
    elif bundle.embedded_key:
        key = keys.key_from(bundle.embedded_key)
        if key is None:
            raise Invalid("structure", "the key it carries cannot be read")
        _require_holds(key, bundle, notes)
        notes.facts["signature"] = "intact"
        notes.note("SIG_OWN_KEY", f"SHA-256 {keys.fingerprint(key)}")
    else:
        notes.facts["signature"] = "unverified"
        notes.incomplete("SIG_KEY_NEEDED", text(bundle.key_hint))


def _integrity(statement: Statement, notes: Notes) -> None:
    if notes.folder is None:
        notes.incomplete("SIG_ALONE", f"{len(statement.pieces)} listed")
        return
    found = compare(statement, notes.folder, notes.member)
    notes.facts["compared_files"] = found.compared
    notes.facts["compared_bytes"] = found.compared_bytes
    for name, paths in (("altered", found.altered), ("missing", found.missing), ("extra", found.extra)):
        if paths:
            notes.facts[name] = [text(path, 300) for path in paths[:MAX_LISTED]]
            notes.danger("SIG_INVALID", f"{name}: {_some(paths)}")
    if found.unread:
        notes.incomplete("SIG_ALGORITHM", _some(found.unread))
    if not found.is_equal:
        notes.facts["signature"] = "invalid"
        notes.facts["mutation"] = difference(found, statement)
        return
    _uncovered(statement, found, notes)
    if notes.facts.get("signature") == "valid" and not found.unread:
        notes.note("SIG_VERIFIED", f"{found.compared} files")


def _uncovered(statement: Statement, found: Comparison, notes: Notes) -> None:
    """Files that are there and that the signature says nothing about."""
    filled = [path for path, size_bytes in found.ignored if size_bytes]
    if filled:
        notes.facts["mutation"] = "ignored"
        notes.facts["ignored"] = [text(path, 300) for path in filled[:MAX_LISTED]]
        severe = "" in statement.ignored
        (notes.caution if severe else notes.note)("SIG_IGNORED", _some(filled))
    if statement.is_single_file and notes.folder is not None:
        place = notes.member.rpartition("/")[0]
        prefix = f"{place}/" if place else ""
        others = [
            path
            for path in notes.folder.paths()
            if path.startswith(prefix) and path not in {notes.member, prefix + statement.name}
        ]
        if others:
            notes.caution("SIG_UNCOVERED", _some(others))


def _some(paths: list[str]) -> str:
    shown = ", ".join(text(path, 80) for path in paths[:5])
    return f"{len(paths)}: {shown}" + (", ..." if len(paths) > 5 else "")  # noqa: PLR2004 - a few
