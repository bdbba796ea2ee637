"""What else reads bytes from outside: messages, markings, criteria, vault headers, exports, trust files."""

import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import resources
from reports.dsse import PAYLOAD_TYPE, StatementRefused, read_envelope, subjects
from reports.manifest import read_manifest, write_manifest
from reports.trust import Anchors, TrustUnreadable, load_trust
from reports.verifying import verify_export
from reports.verifying_pdf import verify_pdf
from storage.vault.header import VaultFormatNewer, parse
from storage.vault.header_values import HeaderDamaged
from tests.fuzz import signed
from tests.fuzz.harness import BrokenPromise, Target
from tests.helpers.signing_office import SIGNED, Office, found_office, signed_document, write_export
from workstation import settings
from workstation.core.criteria import parse_criteria_set
from workstation.core.errors import Refused
from workstation.core.examination import Outcome
from workstation.core.markings import (
    Kind,
    MarkingInvalid,
    Profile,
    Vocabulary,
    VocabularyUnusable,
    check,
    parse_vocabulary,
    rollup,
)
from workstation.core.markings import parse as parse_marking
from workstation.core.vault import ContainerKind, ObjectRef
from workstation.core.vault_errors import ReferenceDamaged
from workstation.examine import wire

ROOT = Path(__file__).resolve().parents[2]


def messages(content: bytes) -> None:
    """What a worker or its server says, whole and in a stream of frames."""
    for decode in (wire.from_worker, wire.from_server, wire.facts_of):
        with suppress(wire.Nonsense):
            decode(content)
    frames = wire.Frames(1 << 16)
    with suppress(wire.Nonsense):
        for at in range(0, len(content), 7):
            frames.feed(content[at : at + 7])
            while (body := frames.next()) is not None:
                with suppress(wire.Nonsense):
                    wire.from_worker(body)


def _messages_made() -> Sequence[bytes]:
    found = wire.FoundText(code="ARCH:fifo", severity="danger", path="a/b", detail="x")
    file = wire.File(
        path="a", size_bytes=5, kind="zip", coverage="dangerous", findings=[found], facts=b'{"members":1}'
    )
    said = (
        file,
        wire.Begin(path="a"),
        wire.Read(source=0, offset=0, size_bytes=9),
        wire.Checksum(path="a", algorithm="sha256", digest="0" * 64),
        wire.Skipped(path="a", size_bytes=1, code="ARCH_BOMB", severity="danger", detail=""),
        wire.Ended(status=-9),
    )
    return [*(wire.frame(one)[4:] for one in said), b"".join(wire.frame(one) for one in said), b'{"a":[1]}']


@cache
def _vocabulary() -> Vocabulary:
    return parse_vocabulary(resources.read_bytes("vocabularies/markings-us-v1.json"))


def markings(content: bytes) -> None:
    """A text as banner and portion mark, in each profile; what is accepted prints as itself."""
    text = content.decode("utf-8", "surrogateescape")
    for kind in Kind:
        for profile in Profile:
            answer = check(text, vocabulary=_vocabulary(), kind=kind, profile=profile)
            if answer.accepted:
                marking = parse_marking(text, kind, profile, vocabulary=_vocabulary())
                rollup([marking])
            else:
                with suppress(MarkingInvalid):
                    parse_marking(text, kind, profile, vocabulary=_vocabulary())
                    raise BrokenPromise("refused by check and taken by parse")


_MARKINGS = (
    "TOP SECRET//SI/TK-GG//RSEN/ORCON/NOFORN",
    "SECRET//REL TO USA, GBR, FVEY",
    "(S//NF)",
    "(U//FOUO)",
    "CUI//SP-PRVCY/CTI//NOFORN",
    "//NATO SECRET//ATOMAL",
    "//JOINT SECRET CAN USA//REL TO USA, CAN",
    "SECRET//RD-CNWDI-SIGMA 14//FGI DEU//DISPLAY ONLY IRQ",
    "TOP SECRET//HCS-P//SAR-BUTTER POPCORN//WAIVED",
)


def vocabularies(content: bytes) -> None:
    """A vocabulary of markings."""
    with suppress(VocabularyUnusable):
        parse_vocabulary(content)


def _vocabularies_made() -> Sequence[bytes]:
    """The shipped one is too long to be turned over quickly; lists in it are cut to two entries."""

    def cut(value: object) -> object:
        if isinstance(value, dict):
            return {key: cut(one) for key, one in value.items()}
        return [cut(one) for one in value[:2]] if isinstance(value, list) else value

    return [json.dumps(cut(json.loads(resources.read_bytes("vocabularies/markings-us-v1.json")))).encode()]


def criteria(content: bytes) -> None:
    """A set of criteria."""
    with suppress(Refused):
        parse_criteria_set(content)


def _criteria_made() -> Sequence[bytes]:
    whole = resources.read_bytes("checklists/eo14409-v1.json")
    short = json.loads(whole)
    short["criteria"] = short["criteria"][:2]
    kept = {criterion["section"] for criterion in short["criteria"]}
    short["sections"] = [section for section in short["sections"] if section["id"] in kept]
    text = json.dumps(short, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [text.encode()]


def preferences(content: bytes) -> None:
    """A settings file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with suppress(settings.SettingsInvalid):
            settings.load(Path(file.name))


def vault_header(content: bytes) -> None:
    """The open part of a vault."""
    with suppress(HeaderDamaged, VaultFormatNewer):
        parse(content)


def references(content: bytes) -> None:
    """Where an object lies; what is taken is written the same way again."""
    text = content.decode("utf-8", "surrogateescape")
    with suppress(ReferenceDamaged):
        if ObjectRef.parse(text).text != text:
            raise BrokenPromise("two spellings of one reference")


def _references_made() -> Sequence[bytes]:
    made = (
        ObjectRef(kind=kind, container_id=bytes(16), offset=64, size_bytes=5, epoch=1, wrapped_key=bytes(40))
        for kind in ContainerKind
    )
    return [ref.text.encode() for ref in made]


@cache
def _office() -> Office:
    return found_office()


@cache
def _export() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write_export(_office(), Path(folder))
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }


@cache
def _document() -> bytes:
    return signed_document(_office())


def envelopes(content: bytes) -> None:
    """The signed statement of an export."""
    with suppress(StatementRefused):
        subjects(read_envelope(content).statement)


def _envelopes_made() -> Sequence[bytes]:
    statement = next(body for body in _export().values() if PAYLOAD_TYPE.encode() in body[: 1 << 16])
    return [statement]


def manifests(content: bytes) -> None:
    """The list of digests of an export."""
    with suppress(ValueError):
        read_manifest(content)


def trust_files(content: bytes) -> None:
    """A file that somebody wants to be trusted."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(content)
        file.flush()
        with suppress(TrustUnreadable, Refused):
            Anchors(load_trust(Path(file.name)))


def _trust_made() -> Sequence[bytes]:
    pems = [body for name, body in _export().items() if name.endswith((".pem", ".crl"))]
    return [*_office().trust.roots_der[:1], *_office().trust.crls_der[:1], *pems]


def export_documents(content: bytes) -> None:
    """A signed report: whatever is not the very document is never accepted."""
    answer = verify_pdf(content, _office().trust, at=SIGNED)
    if answer.outcome is Outcome.ACCEPT and content != _document():
        raise BrokenPromise("a changed document was accepted")


def exports(content: bytes) -> None:
    """An export in which the first byte's file is replaced by the rest of the input."""
    files = _export()
    name = sorted(files)[content[0] % len(files)] if content else ""
    with tempfile.TemporaryDirectory() as folder:
        for path, body in {**files, **({name: content[1:]} if name else {})}.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_bytes(body)
        answer = verify_export(Path(folder), _office().trust, at=SIGNED)
    if answer.outcome is Outcome.ACCEPT and name and content[1:] != files[name]:
        raise BrokenPromise(f"an export with another {name} was accepted")


def _exports_made() -> Sequence[bytes]:
    return [bytes([number]) + body for number, (_name, body) in enumerate(sorted(_export().items()))]


def _header_made() -> Sequence[bytes]:
    return [(ROOT / "tests" / "vectors" / "vault" / "base" / "vault.json").read_bytes()]


def targets() -> tuple[Target, ...]:
    """Everything of this module."""
    words = tuple(word.encode() for word in ("//", "NOFORN", "REL TO ", "USA", "SP-", "NATO", "-", "/", ", "))
    digests = write_manifest({"report.pdf": "0" * 96, "a/b.json": "f" * 96})
    return (
        Target(name="signatures.statement", run=signed.statement, seeds=signed.statements_made),
        Target(name="wire", run=messages, seeds=_messages_made),
        Target(name="markings", run=markings, seeds=lambda: [t.encode() for t in _MARKINGS], words=words),
        Target(name="vocabulary", run=vocabularies, seeds=_vocabularies_made),
        Target(name="criteria", run=criteria, seeds=_criteria_made),
        Target(name="settings", run=preferences, seeds=lambda: [b'theme = "dark"\nlock_after_minutes = 5\n']),
        Target(name="vault.header", run=vault_header, seeds=_header_made),
        Target(name="vault.reference", run=references, seeds=_references_made),
        Target(name="export.envelope", run=envelopes, seeds=_envelopes_made),
        Target(name="export.manifest", run=manifests, seeds=lambda: [digests]),
        Target(name="export.trust", run=trust_files, seeds=_trust_made),
        Target(name="export.document", run=export_documents, seeds=lambda: [_document()]),
        Target(name="export.folder", run=exports, seeds=_exports_made),
    )
