"""Content sets: those that came with the program, those taken into use, and which one a case goes by.

What comes with the program is pinned here by its digest; everything else is signed, and its signature is
verified against roots that the custodian keeps in the vault for this alone.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import msgspec

import resources
from workstation.app import markings, vocabularies
from workstation.app.services import Session
from workstation.app.session import reauthenticated
from workstation.core import content as sets
from workstation.core import events
from workstation.core.benchmarks import BenchmarkProfile, parse_benchmark_profile
from workstation.core.cases import Case
from workstation.core.content import (
    ContentKind,
    ContentRecord,
    ContentSigner,
    ContentTrustDiffers,
    ContentTrustMissing,
    ContentUnknown,
    Head,
)
from workstation.core.criteria import CriteriaSet, parse_criteria_set
from workstation.core.markings import Vocabulary
from workstation.core.people import Duty, require_duty
from workstation.core.ports import Work
from workstation.core.signatures import TrustStore

CRITERIA, PROFILE = "checklists/eo14409-v1.json", "benchmarks/invented-cyber-v1.json"
VOCABULARY = markings.VOCABULARY
PINS = {
    CRITERIA: "a01bc3b082e9ac7f73ae042d20df6bb0e9f786f8474f9fbf"
    "b7484070ff5ef43fd7a728058de2e00a09968eee8d8eb584",
    PROFILE: "4d551ca5e2916e2d5d4518ad98ee223089f66503421e55f9"
    "98ddd23bb82d97f0c3220c5465be930ca87e309c8dd0f654",
    VOCABULARY: "c6592be9f2c3693efaedc93f8e58b44792cbc812ba66357ab2e78a444af847aeda"
    "a54211f989e5f9cce159b515ca5aad",
}
Made = CriteriaSet | BenchmarkProfile | Vocabulary
SIGNATURE, CERTIFICATES = ".dsse.json", ".certificates.pem"
_TRUST = "content/trust"
_MOST_SIDE_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ContentRow:
    """One version of a set as it is listed. ``signers`` is empty for what came with the program."""

    kind: ContentKind
    set_id: str
    version: int
    title: str
    notice: str
    sha384: str
    signers: tuple[str, ...]
    shipped: bool
    newest: bool
    entries: int

    @property
    def reference(self) -> str:
        """Name and version."""
        return f"{self.set_id} v{self.version}"


def shipped_bytes(name: str) -> bytes:
    """One set that came with the program; raises ``ShippedContentAltered``."""
    content = resources.read_bytes(name)
    digest = hashlib.sha384(content).hexdigest()
    if digest != PINS[name]:
        raise sets.ShippedContentAltered(name=name, sha384=digest)
    return content


def shipped_criteria() -> CriteriaSet:
    """The criteria that came with the program."""
    return criteria_from(shipped_bytes(CRITERIA))


def shipped_profile() -> BenchmarkProfile:
    """The invented benchmark profile that came with the program."""
    return profile_from(shipped_bytes(PROFILE))


@lru_cache(maxsize=32)
def criteria_from(content: bytes) -> CriteriaSet:
    """Parsed once; the bytes are what was verified."""
    return parse_criteria_set(content)


@lru_cache(maxsize=32)
def profile_from(content: bytes) -> BenchmarkProfile:
    """Parsed once; the bytes are what was verified."""
    return parse_benchmark_profile(content)


# --- which set a case goes by ----------------------------------------------------------------------


def criteria_of(session: Session, work: Work, case: Case) -> CriteriaSet:
    """The very version the case is reviewed by; raises ``ContentUnknown``."""
    return criteria_called(session, work, case.criteria_set)


def criteria_called(session: Session, work: Work, reference: str) -> CriteriaSet:
    """A version of a criteria set by its reference; raises ``ContentUnknown``."""
    shipped = session.services.criteria
    if reference == shipped.reference:
        return shipped
    return criteria_from(_kept(work, ContentKind.CRITERIA, reference).content)


def profile_of(work: Work, case: Case) -> BenchmarkProfile:
    """The profile the case's results are read by; a case that names none is read by the shipped one."""
    return profile_called(work, case.benchmark_profile or shipped_profile().reference)


def profile_called(work: Work, reference: str) -> BenchmarkProfile:
    """A version of a profile by its reference; raises ``ContentUnknown``."""
    shipped = shipped_profile()
    if reference == shipped.reference:
        return shipped
    return profile_from(_kept(work, ContentKind.BENCHMARKS, reference).content)


def newest_criteria(session: Session, work: Work) -> CriteriaSet:
    """What a case opened now is reviewed by."""
    kept = [one for one in work.content.all() if one.kind is ContentKind.CRITERIA]
    newest = max(kept, key=lambda one: one.version, default=None)
    shipped = session.services.criteria
    if newest is None or newest.version <= shipped.version:
        return shipped
    return criteria_from(newest.content)


def newest_profile(work: Work) -> BenchmarkProfile:
    """What a case opened now is read by: the profile taken into use last, else the invented one."""
    kept = [one for one in work.content.all() if one.kind is ContentKind.BENCHMARKS]
    return profile_from(kept[-1].content) if kept else shipped_profile()


def _kept(work: Work, kind: ContentKind, reference: str) -> ContentRecord:
    set_id, _space, version = reference.rpartition(" v")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0  # noqa: PLR2004
    record = work.content.get(kind, set_id, number)
    if record is None:
        raise ContentUnknown(reference=reference)
    return record


# --- looking ---------------------------------------------------------------------------------------


def rows(session: Session) -> tuple[ContentRow, ...]:
    """Every version of every set, those that came with the program first."""
    criteria, profile = session.services.criteria, shipped_profile()
    found = [
        _row(ContentKind.CRITERIA, criteria, PINS[CRITERIA], ()),
        _row(ContentKind.BENCHMARKS, profile, PINS[PROFILE], ()),
        _row(ContentKind.VOCABULARY, markings.shipped_vocabulary(), PINS[VOCABULARY], ()),
    ]
    with session.look() as work:
        found += [_row(one.kind, _parsed(one), one.sha384, one.signers) for one in work.content.all()]
    newest = {(row.kind, row.set_id): row.version for row in sorted(found, key=lambda row: row.version)}
    return tuple(replace(row, newest=row.version == newest[row.kind, row.set_id]) for row in found)


def show(session: Session, reference: str) -> tuple[ContentRow, Made]:
    """One set with everything in it; raises ``ContentUnknown``."""
    for row in rows(session):
        if row.reference == reference:
            with session.look() as work:
                if row.kind is ContentKind.CRITERIA:
                    return row, criteria_called(session, work, reference)
                if row.kind is ContentKind.BENCHMARKS:
                    return row, profile_called(work, reference)
                shipped = markings.shipped_vocabulary()
                return row, shipped if row.shipped else _parsed(_kept(work, row.kind, reference))
    raise ContentUnknown(reference=reference)


def _parsed(record: ContentRecord) -> Made:
    return _made(record.kind, record.content)


def _made(kind: ContentKind, content: bytes) -> Made:
    """What the bytes of this kind say; raises CRT errors, and VocabularyUnusable."""
    if kind is ContentKind.CRITERIA:
        return criteria_from(content)
    return profile_from(content) if kind is ContentKind.BENCHMARKS else vocabularies.vocabulary_from(content)


def _row(kind: ContentKind, made: Made, sha384: str, signers: tuple[ContentSigner, ...]) -> ContentRow:
    if isinstance(made, Vocabulary):
        words = made.data
        set_id, entries = words.id, vocabularies.entries(words)
        version, title, notice = words.version, words.title, words.notice
    else:
        set_id, entries = made.set_id, len(made.criteria)
        version, title, notice = made.version, made.title, made.notice
    return ContentRow(
        kind=kind,
        set_id=set_id,
        version=version,
        title=title,
        notice=notice,
        sha384=sha384,
        signers=tuple(dict.fromkeys(one.untrusted_name for one in signers)),
        shipped=not signers,
        newest=False,
        entries=entries,
    )


# --- taking into use -------------------------------------------------------------------------------


class _Trust(msgspec.Struct, frozen=True):
    roots: tuple[bytes, ...]
    lists: tuple[bytes, ...]


def trusted(work: Work) -> TrustStore:
    """The roots kept for content, and their revocation lists; empty where nobody set any."""
    kept = work.blob(_TRUST)
    if not kept:
        return TrustStore(roots_der=())
    trust = msgspec.json.decode(kept, type=_Trust)
    return TrustStore(roots_der=trust.roots, crls_der=trust.lists)


def fingerprints(trust: TrustStore) -> tuple[str, ...]:
    """SHA-384 of each root."""
    return tuple(hashlib.sha384(der).hexdigest() for der in trust.roots_der)


def trust(session: Session, folder: Path, *, replacing: bool = False) -> tuple[str, ...]:
    """Believe these roots, and only these, about content sets. The same roots bring newer lists at any time.

    Raises:
        NotAppointed, NoTrustRoot, TrustUnreadable, ContentTrustDiffers.
    """
    offered = session.services.signing.load_trust(folder)
    names = tuple(sorted(fingerprints(offered)))
    with session.work() as work:
        kept = tuple(sorted(fingerprints(trusted(work))))
        work.record(events.ContentTrusted(roots_sha384=names, replaced_sha384=kept if kept != names else ()))
        if kept and kept != names and not replacing:
            raise ContentTrustDiffers(kept=kept, offered=names)
        made = _Trust(roots=offered.roots_der, lists=offered.crls_der)
        work.put_blob(_TRUST, msgspec.json.encode(made))
    return names


def add(session: Session, path: Path) -> ContentRow:
    """Verify a set and offer it from here on. No case moves by it.

    Raises:
        NotAppointed, ContentUnreadable, ContentSignatureMissing, ContentTrustMissing, ContentSignatureBad,
        CriteriaSetMalformed and the other CRT errors, CriteriaSetOlder.
    """
    with session.work() as work:
        # Whoever may not add anything is told so before a byte of the file is looked at.
        require_duty(work.people.get(session.person.person_id), Duty.ADD_CONTENT, frozenset())
        content = _read(path, sets.MAX_SET_BYTES)
        if content is None:
            raise sets.ContentUnreadable(file=path.name, reason="there is no such file")
        head = sets.head_of(content)
        signers, envelope = _verified(session, work, path, content, head)
        record = ContentRecord(
            kind=head.format,
            set_id=head.id,
            version=head.version,
            title="",
            content=content,
            envelope=envelope,
            sha384=hashlib.sha384(content).hexdigest(),
            signers=signers,
            added_by=session.person.person_id,
            added_at=work.now,
        )
        made = _parsed(record)
        _require_newer(session, work, record)
        if isinstance(made, Vocabulary):
            vocabularies.require_wider(work, made)
        work.record(
            events.ContentSetAdded(
                kind=str(record.kind),
                reference=record.reference,
                sha384=record.sha384,
                signers=tuple(one.certificate_sha384 for one in signers),
            )
        )
        row = _row(record.kind, made, record.sha384, signers)
        work.content.add(replace(record, title=row.title))
    if isinstance(made, Vocabulary):
        session.services.markings.use(made)
    return row


def _verified(
    session: Session, work: Work, path: Path, content: bytes, head: Head
) -> tuple[tuple[ContentSigner, ...], bytes]:
    roots = trusted(work)
    if not roots.roots_der:
        raise ContentTrustMissing
    envelope = _read(path.with_name(path.name + SIGNATURE), _MOST_SIDE_BYTES)
    certificates = _read(path.with_name(path.name + CERTIFICATES), _MOST_SIDE_BYTES)
    if not envelope or not certificates:
        raise sets.ContentSignatureMissing(file=path.name)
    signers = session.services.signing.verify_content(
        head.file_name,
        content,
        envelope,
        certificates,
        predicate=predicate_of(head),
        trust=roots,
        at=work.highest_time,
    )
    return signers, envelope


def _require_newer(session: Session, work: Work, record: ContentRecord) -> None:
    """A set is replaced only by a higher version of the same name and kind."""
    known = [(one.kind, one.set_id, one.version) for one in work.content.all()]
    criteria, profile = session.services.criteria, shipped_profile()
    words = markings.shipped_vocabulary().data
    known += [
        (ContentKind.CRITERIA, criteria.set_id, criteria.version),
        (ContentKind.BENCHMARKS, profile.set_id, profile.version),
        (ContentKind.VOCABULARY, words.id, words.version),
    ]
    for kind, set_id, _version in known:
        if set_id == record.set_id and kind is not record.kind:
            raise sets.CriterionTwice(duplicate=set_id)
    same = max((v for k, s, v in known if (k, s) == (record.kind, record.set_id)), default=0)
    unknown_name = record.kind is not ContentKind.BENCHMARKS and same == 0
    if unknown_name or record.version <= same:
        first = criteria.reference if record.kind is ContentKind.CRITERIA else f"{words.id} v{words.version}"
        in_use = f"{record.set_id} v{same}" if same else first
        raise sets.CriteriaSetOlder(offered=record.reference, in_use=in_use)


def predicate_of(head: Head) -> dict[str, object]:
    """What the signature of a set says it is."""
    return {"format": str(head.format), "id": head.id, "version": head.version}


def _read(path: Path, most_bytes: int) -> bytes | None:
    """A file of a medium, or None when it is not there; raises ``ContentUnreadable``."""
    try:
        with path.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise sets.ContentUnreadable(file=path.name, reason=error.strerror or "") from error
    if len(content) > most_bytes:
        raise sets.ContentUnreadable(file=path.name, reason=f"more than {most_bytes} bytes")
    return content


def sign(session: Session, path: Path, passphrase: bytearray) -> tuple[str, ...]:
    """Sign a set as the person at the desk, for another office or this one; returns the two file names.

    Raises:
        NotAppointed, ContentUnreadable, CRT errors of the set, CredentialsRefused.
    """
    with session.work() as work:
        require_duty(work.people.get(session.person.person_id), Duty.ADD_CONTENT, frozenset())
        content = _read(path, sets.MAX_SET_BYTES)
        if content is None:
            raise sets.ContentUnreadable(file=path.name, reason="there is no such file")
        head = sets.head_of(content)
        _made(head.format, content)
    with reauthenticated(session, passphrase) as signer:
        envelope, certificates = session.services.signing.sign_content(
            head.file_name, content, predicate=predicate_of(head), signer=signer
        )
    with session.work() as work:
        digest = hashlib.sha384(content).hexdigest()
        reference = f"{head.id} v{head.version}"
        work.record(events.ContentSetSigned(kind=str(head.format), reference=reference, sha384=digest))
        names = tuple(path.name + suffix for suffix in (SIGNATURE, CERTIFICATES))
        try:
            for name, made in zip(names, (envelope, certificates), strict=True):
                path.with_name(name).write_bytes(made)
        except OSError as error:
            raise sets.ContentUnreadable(file=path.name, reason=error.strerror or "") from error
    return names
