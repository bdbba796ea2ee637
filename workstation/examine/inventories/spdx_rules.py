"""What SPDX 2.2 and 2.3 ask of a document, however it is written (clauses 6 to 11 of its text)."""

import re
from collections.abc import Iterator
from typing import Any

from workstation.examine.inventories import beside
from workstation.examine.inventories.inventory import (
    Inventory,
    Mistakes,
    Part,
    rows,
    stated,
    table,
    text,
    words,
)
from workstation.examine.reader import Notes

VERSIONS = ("SPDX-2.0", "SPDX-2.1", "SPDX-2.2", "SPDX-2.3")
_ID = re.compile(r"SPDXRef-[A-Za-z0-9.+-]+")
_CREATED = re.compile(r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)Z", re.ASCII)
_CREATOR = re.compile(r"(Person|Organization|Tool): ?\S.*", re.DOTALL)
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGEST_DIGITS = {
    "SHA1": 40,
    "SHA224": 56,
    "SHA256": 64,
    "SHA384": 96,
    "SHA512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2B-256": 64,
    "BLAKE2B-384": 96,
    "BLAKE2B-512": 128,
    "BLAKE3": 0,
    "MD2": 32,
    "MD4": 32,
    "MD5": 32,
    "MD6": 0,
    "ADLER32": 8,
}
_RELATIONS = words(
    """
    AMENDS ANCESTOR_OF BUILD_DEPENDENCY_OF BUILD_TOOL_OF CONTAINED_BY CONTAINS COPY_OF DATA_FILE_OF
    DEPENDENCY_MANIFEST_OF DEPENDENCY_OF DEPENDS_ON DESCENDANT_OF DESCRIBED_BY DESCRIBES
    DEV_DEPENDENCY_OF DEV_TOOL_OF DISTRIBUTION_ARTIFACT DOCUMENTATION_OF DYNAMIC_LINK EXAMPLE_OF
    EXPANDED_FROM_ARCHIVE FILE_ADDED FILE_DELETED FILE_MODIFIED GENERATED_FROM GENERATES
    HAS_PREREQUISITE METAFILE_OF OPTIONAL_COMPONENT_OF OPTIONAL_DEPENDENCY_OF OTHER PACKAGE_OF
    PATCH_APPLIED PATCH_FOR PREREQUISITE_FOR PROVIDED_DEPENDENCY_OF REQUIREMENT_DESCRIPTION_FOR
    RUNTIME_DEPENDENCY_OF SPECIFICATION_FOR STATIC_LINK TEST_CASE_OF TEST_DEPENDENCY_OF TEST_OF
    TEST_TOOL_OF VARIANT_OF
    """
)
_ELSEWHERE = ("DocumentRef-", "NOASSERTION", "NONE")


def check(document: dict[str, Any], notes: Notes) -> None:
    """Report mistakes, facts and gaps of a document in the names of its JSON form."""
    mistakes, inventory = Mistakes(notes), Inventory()
    version = document.get("spdxVersion")
    notes.facts["format"] = "SPDX"
    notes.facts["spec_version"] = text(version, 20).removeprefix("SPDX-")
    if not isinstance(version, str) or not version.startswith("SPDX-2."):
        mistakes.add("spdxVersion", f"{text(version, 40)} is no version")
    elif version not in VERSIONS:
        notes.incomplete("SBOM_VERSION", version)
    _creation(document, mistakes, notes)
    _identifier(document, "document", inventory, mistakes)
    for index, package in enumerate(_rows_of(document, "packages", mistakes)):
        _package(package, f"packages[{index}]", inventory, mistakes)
    for index, file in enumerate(_rows_of(document, "files", mistakes)):
        _file(file, f"files[{index}]", inventory, mistakes)
    for index, snippet in enumerate(_rows_of(document, "snippets", mistakes)):
        where = f"snippets[{index}]"
        _required(snippet, ("SPDXID", "snippetFromFile"), where, mistakes)
        _identifier(snippet, where, inventory, mistakes)
    for index, relation in enumerate(_rows_of(document, "relationships", mistakes)):
        _relationship(relation, f"relationships[{index}]", inventory, mistakes)
    described = document.get("documentDescribes")
    for reference in described if isinstance(described, list) else []:
        _use(reference, inventory)
    for name in ("files", "relationships", "snippets", "annotations"):
        if isinstance(document.get(name), list) and document[name]:
            notes.facts[name] = len(document[name])
    for index, licence in enumerate(_rows_of(document, "hasExtractedLicensingInfos", mistakes)):
        _required(licence, ("licenseId", "extractedText"), f"hasExtractedLicensingInfos[{index}]", mistakes)
    inventory.into(notes)
    beside.compare(_files(document), notes)


def _files(document: dict[str, Any]) -> Iterator[beside.Entry]:
    """Files, and packages that are one file, with their digests."""
    for group, key in (("files", "fileName"), ("packages", "packageFileName")):
        for row in rows(document.get(group)):
            name = row.get(key)
            if isinstance(name, str):
                yield name, beside.digests(row.get("checksums"), "algorithm", "checksumValue")


def _rows_of(document: dict[str, Any], name: str, mistakes: Mistakes) -> list[dict[str, Any]]:
    value = document.get(name, [])
    found = rows(value)
    if not isinstance(value, list) or len(found) != len(value):
        mistakes.add(name, "is no list of objects")
    return found


def _required(row: dict[str, Any], names: tuple[str, ...], where: str, mistakes: Mistakes) -> None:
    for name in names:
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            mistakes.add(where, f"{name} is missing")


def _creation(document: dict[str, Any], mistakes: Mistakes, notes: Notes) -> None:
    _required(document, ("SPDXID", "name", "dataLicense", "documentNamespace"), "document", mistakes)
    if document.get("dataLicense") not in {None, "", "CC0-1.0", "http://spdx.org/licenses/CC0-1.0"}:
        mistakes.add("dataLicense", "must be CC0-1.0")
    namespace = document.get("documentNamespace")
    if isinstance(namespace, str) and (
        "#" in namespace or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+$", namespace)
    ):
        mistakes.add("documentNamespace", "must be an absolute URI without a fragment")
    info = table(document.get("creationInfo"))
    created, creators = info.get("created"), info.get("creators")
    if not isinstance(created, str) or not _CREATED.fullmatch(created):
        mistakes.add("creationInfo.created", f"{text(created, 40)} is no UTC time")
    else:
        notes.facts["created"] = created
    if not isinstance(creators, list) or not creators:
        mistakes.add("creationInfo.creators", "is missing")
    else:
        for creator in creators:
            if not isinstance(creator, str) or not _CREATOR.fullmatch(creator):
                mistakes.add(
                    "creationInfo.creators", f"{text(creator, 60)} names no person, organization or tool"
                )
    if isinstance(document.get("name"), str):
        notes.facts["subject"] = text(document["name"])


def _identifier(row: dict[str, Any], where: str, inventory: Inventory, mistakes: Mistakes) -> None:
    value = row.get("SPDXID")
    if isinstance(value, str) and value and not _ID.fullmatch(value):
        mistakes.add(where, f"SPDXID {text(value, 60)}")
    inventory.define(value)


def _checksums(row: dict[str, Any], where: str, mistakes: Mistakes) -> set[str]:
    found = set()
    for checksum in rows(row.get("checksums")):
        algorithm, value = checksum.get("algorithm"), checksum.get("checksumValue")
        digits = _DIGEST_DIGITS.get(str(algorithm).upper().replace("SHA-", "SHA"))
        if digits is None:
            mistakes.add(where, f"checksum algorithm {text(algorithm, 40)}")
        elif not isinstance(value, str) or not _HEX.fullmatch(value) or (digits and len(value) != digits):
            mistakes.add(where, f"{text(algorithm, 40)} {text(value, 60)} is no checksum")
        else:
            found.add(str(algorithm).upper())
    return found


def _package(package: dict[str, Any], where: str, inventory: Inventory, mistakes: Mistakes) -> None:
    _required(package, ("SPDXID", "name", "downloadLocation"), where, mistakes)
    _identifier(package, where, inventory, mistakes)
    sums = _checksums(package, where, mistakes)
    identifiers = {
        str(reference.get("referenceType", "")).lower() for reference in rows(package.get("externalRefs"))
    }
    inventory.add(
        Part(
            kind=str(package.get("primaryPackagePurpose") or "package").lower()[:60],
            name=stated(package.get("name")),
            version=stated(package.get("versionInfo")),
            supplier=stated(package.get("supplier")) or stated(package.get("originator")),
            licences=_licences(package),
            has_hash=bool(sums) or bool(package.get("packageVerificationCode")),
            has_identifier=any(
                name.endswith(("purl", "cpe22type", "cpe23type", "swid")) for name in identifiers
            ),
        )
    )


def _licences(row: dict[str, Any]) -> tuple[str, ...]:
    licence = stated(row.get("licenseConcluded")) or stated(row.get("licenseDeclared"))
    return (licence,) if licence else ()


def _file(file: dict[str, Any], where: str, inventory: Inventory, mistakes: Mistakes) -> None:
    _required(file, ("SPDXID", "fileName"), where, mistakes)
    _identifier(file, where, inventory, mistakes)
    # The text of the standard wants SHA-1; its schema takes any, and so do the tools.
    if not _checksums(file, where, mistakes):
        mistakes.add(where, "has no checksum")


def _relationship(relation: dict[str, Any], where: str, inventory: Inventory, mistakes: Mistakes) -> None:
    _required(relation, ("spdxElementId", "relatedSpdxElement", "relationshipType"), where, mistakes)
    kind = relation.get("relationshipType")
    if isinstance(kind, str) and kind and kind.upper() not in _RELATIONS:
        mistakes.add(where, f"relationship {text(kind, 60)}")
    _use(relation.get("spdxElementId"), inventory)
    _use(relation.get("relatedSpdxElement"), inventory)


def _use(reference: object, inventory: Inventory) -> None:
    if isinstance(reference, str) and not reference.startswith(_ELSEWHERE):
        inventory.use(reference)
