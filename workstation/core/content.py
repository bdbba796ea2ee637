"""Content sets: signed, versioned, replaceable; what every kind of them shares, and what refuses one.

The format is ``docs/format/content-set-v1.md``. Signatures are verified by ``reports``; this is what a set
says of itself, and the record kept of one that was taken into use.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

import msgspec
import rfc8785

from workstation.core.errors import Refused, Tampered
from workstation.core.values import PersonId

MAX_SET_BYTES = 4 << 20
MAX_TEXT_CHARS = 2000
T = TypeVar("T")


class ContentKind(StrEnum):
    """The kinds of set that can be taken into use; the value is the ``format`` member."""

    CRITERIA = "frw-criteria-set-1"
    BENCHMARKS = "frw-benchmark-profile-1"
    VOCABULARY = "frw-marking-vocabulary-1"


@dataclass(frozen=True, kw_only=True)
class ContentSigner:
    """Who signed a set, as the certificate says."""

    untrusted_name: str
    certificate_sha384: str
    algorithm: str


@dataclass(frozen=True, kw_only=True)
class ContentRecord:
    """A set taken into use, its very bytes, and who vouched for them. Nothing of it ever changes."""

    kind: ContentKind
    set_id: str
    version: int
    title: str
    content: bytes
    envelope: bytes
    sha384: str
    signers: tuple[ContentSigner, ...]
    added_by: PersonId
    added_at: datetime

    @property
    def reference(self) -> str:
        """Name and version, as cases cite it."""
        return f"{self.set_id} v{self.version}"


@dataclass(kw_only=True, eq=False)
class CriteriaSetMalformed(Refused):
    """The bytes are no criteria set; ``reason`` says where and why."""

    code: ClassVar[str] = "CRT-001"
    reason: str


@dataclass(kw_only=True, eq=False)
class CriteriaSetNotCanonical(Refused):
    """The bytes are not in canonical form, so two readers could read two things."""

    code: ClassVar[str] = "CRT-002"
    size_bytes: int


@dataclass(kw_only=True, eq=False)
class CriterionTwice(Refused):
    """Two criteria, or two sections, have one identifier."""

    code: ClassVar[str] = "CRT-003"
    duplicate: str


@dataclass(kw_only=True, eq=False)
class SectionUnknown(Refused):
    """A criterion names a section that the set does not have, or a section has no criterion."""

    code: ClassVar[str] = "CRT-004"
    criterion_id: str
    section: str


@dataclass(kw_only=True, eq=False)
class CriterionTextUnusable(Refused):
    """A text is empty, too long, not in normal form, or holds control or bidirectional characters."""

    code: ClassVar[str] = "CRT-005"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class CriteriaSetOlder(Refused):
    """The offered set does not follow the one in use: another name, or no higher version."""

    code: ClassVar[str] = "CRT-006"
    offered: str
    in_use: str


@dataclass(kw_only=True, eq=False)
class CriterionNotInSet(Refused):
    """There is no such criterion in this set."""

    code: ClassVar[str] = "CRT-007"
    criterion_id: str
    set_reference: str


@dataclass(kw_only=True, eq=False)
class ContentSignatureMissing(Refused):
    """The set has no signature beside it, or the certificates that the signature names are not there."""

    code: ClassVar[str] = "CRT-010"
    file: str


@dataclass(kw_only=True, eq=False)
class ContentSignatureBad(Tampered):
    """The signature does not hold: not over these bytes, one kind missing, or by nobody who is trusted."""

    code: ClassVar[str] = "CRT-011"
    file: str
    problem: str
    reason: str


@dataclass(kw_only=True, eq=False)
class ContentTrustMissing(Refused):
    """No root is kept whose signature on content sets would be believed."""

    code: ClassVar[str] = "CRT-012"


@dataclass(kw_only=True, eq=False)
class ContentUnknown(Refused):
    """No such set is kept here."""

    code: ClassVar[str] = "CRT-013"
    reference: str


@dataclass(kw_only=True, eq=False)
class ContentUnreadable(Refused):
    """The file of a content set cannot be read."""

    code: ClassVar[str] = "CRT-014"
    file: str
    reason: str


@dataclass(kw_only=True, eq=False)
class ShippedContentAltered(Tampered):
    """A content set that came with the program is not the one whose digest the program names."""

    code: ClassVar[str] = "CRT-015"
    name: str
    sha384: str


@dataclass(kw_only=True, eq=False)
class ContentTrustDiffers(Refused):
    """Other roots are kept already; they are replaced only on purpose."""

    code: ClassVar[str] = "CRT-016"
    kept: tuple[str, ...]
    offered: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class VocabularyNarrower(Refused):
    """A marking vocabulary by which words in use here, or banners of cases, could no longer be read."""

    code: ClassVar[str] = "CRT-017"
    offered: str
    lost: tuple[str, ...]


class Head(msgspec.Struct, frozen=True):
    """What a set says it is; the rest is read once its signature holds."""

    format: ContentKind
    id: str
    version: int

    @property
    def file_name(self) -> str:
        """The name a set has on a medium, and in its signature."""
        return f"{self.id}-v{self.version}.json"


def head_of(content: bytes) -> Head:
    """Which set the bytes claim to be; raises ``CriteriaSetMalformed``."""
    if len(content) > MAX_SET_BYTES:
        raise CriteriaSetMalformed(reason=f"more than {MAX_SET_BYTES} bytes")
    try:
        return msgspec.json.decode(content, type=Head)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise CriteriaSetMalformed(reason=str(error)[:200]) from error


def canonical_json(content: bytes, kind: type[T]) -> T:
    """Decode strictly into ``kind``.

    Raises:
        CriteriaSetMalformed: no JSON of this shape: an unknown or missing member, a wrong type, too large.
        CriteriaSetNotCanonical: not RFC 8785 canonical, which also covers a repeated member.
    """
    if len(content) > MAX_SET_BYTES:
        raise CriteriaSetMalformed(reason=f"more than {MAX_SET_BYTES} bytes")
    try:
        data = msgspec.json.decode(content, type=kind)
        canonical = rfc8785.dumps(msgspec.json.decode(content))
    except (msgspec.MsgspecError, rfc8785.CanonicalizationError, RecursionError, ValueError) as error:
        raise CriteriaSetMalformed(reason=str(error)[:200]) from error
    if canonical != content:
        raise CriteriaSetNotCanonical(size_bytes=len(content))
    return data


def refuse_repeats(names: Iterable[str]) -> None:
    """Raise ``CriterionTwice`` for the first name that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CriterionTwice(duplicate=name)
        seen.add(name)


def refuse_bad_texts(texts: Iterable[tuple[str, str]]) -> None:
    """Raise ``CriterionTextUnusable`` for a text that a person could not read; pairs of owner and text."""
    for name, text in texts:
        bare = text.strip() and text == text.strip() and len(text) <= MAX_TEXT_CHARS
        if not bare or text != unicodedata.normalize("NFC", text) or any(map(_unprintable, text)):
            raise CriterionTextUnusable(criterion_id=name)


def _unprintable(char: str) -> bool:
    """Control, format (among them bidirectional), surrogate, private and line-separating characters."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
