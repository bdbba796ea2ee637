"""SPDX 3 in JSON-LD. The context is a name here: it is never fetched, and other contexts are reported."""

import re
from collections.abc import Iterator
from typing import Any

from workstation.examine.inventories import beside, formats_of_text, json_object
from workstation.examine.inventories.inventory import (
    Inventory,
    Mistakes,
    Part,
    invalid,
    listed,
    rows,
    stated,
    text,
    whole,
    words,
)
from workstation.examine.reader import Notes, Source

_CONTEXT = re.compile(r"https?://spdx\.org/rdf/v?(3\.\d+(?:\.\d+)?(?:-\w+)?)/(?:terms/)?spdx-context\.jsonld")
_VERSION = re.compile(r"3\.\d+(?:\.\d+)?(?:-[\w.]+)?")
_PACKAGES = frozenset({"software_Package", "ai_AIPackage", "dataset_DatasetPackage"})
_WITHOUT_ID = words(
    """
    CreationInfo Hash PackageVerificationCode ExternalIdentifier ExternalRef ExternalMap NamespaceMap
    DictionaryEntry PositiveIntegerRange software_ContentIdentifier ai_EnergyConsumption
    ai_EnergyConsumptionDescription
    """
)
_REFERENCES = ("from", "to", "element", "rootElement", "creationInfo")
_LICENCE_RELATIONS = frozenset({"hasDeclaredLicense", "hasConcludedLicense"})
_DIGEST_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-fA-F]+")


def examine(source: Source, notes: Notes) -> None:
    """Hold the elements against the rules of SPDX 3 and sum them up."""
    content = json_object.load(whole(source), notes)
    notes.facts["format"] = "SPDX"
    notes.facts["spec_version"] = _context(content.get("@context"), notes)
    graph = content.get("@graph")
    if graph is None:
        elements = [{name: value for name, value in content.items() if name != "@context"}]
    else:
        elements = rows(graph)
        if not isinstance(graph, list) or len(elements) != len(graph):
            raise invalid("@graph is no list of objects")
    _Graph(elements, notes).check()


def _context(value: Any, notes: Notes) -> str:
    """The version that the context names; raises ``Unreadable`` when it is none of SPDX's."""
    values = value if isinstance(value, list) else [value]
    addresses = [item for item in values if isinstance(item, str)]
    versions = [match[1] for item in addresses if (match := _CONTEXT.fullmatch(item))]
    if len(versions) != 1:
        raise invalid("@context names no version of SPDX 3, or more than one")
    others = [item for item in addresses if not _CONTEXT.fullmatch(item)]
    if others:
        notes.caution("SBOM_CONTEXT", listed(others))
    return versions[0]


class _Graph:
    """The elements of one file."""

    def __init__(self, elements: list[dict[str, Any]], notes: Notes) -> None:
        self._elements, self._notes = elements, notes
        self._mistakes, self._inventory = Mistakes(notes), Inventory()
        self._licences: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._profiles: set[str] = set()

    def check(self) -> None:
        """Report mistakes, facts and gaps."""
        for element in self._elements:
            self._learn(element)
        relations = files = 0
        for index, element in enumerate(self._elements):
            kind = _kind(element)
            self._element(element, kind, f"element {index}")
            relations += "Relationship" in kind
            files += kind == "software_File"
        facts = self._notes.facts
        facts["elements"] = len(self._elements)
        facts["relationships"], facts["files"] = relations, files
        if self._profiles:
            facts["profiles"] = sorted(self._profiles)
        self._inventory.into(self._notes)
        beside.compare(self._files(), self._notes)

    def _files(self) -> Iterator[beside.Entry]:
        """Elements that may be files of the package: those with a digest, by their names."""
        for element in self._elements:
            name = element.get("name")
            if isinstance(name, str) and element.get("verifiedUsing"):
                yield name, beside.digests(element["verifiedUsing"], "algorithm", "hashValue")

    def _learn(self, element: dict[str, Any]) -> None:
        """Names and licences, which other elements are described by."""
        identity = element.get("spdxId", element.get("@id"))
        if isinstance(identity, str):
            said = element.get("name") or element.get("simplelicensing_licenseExpression")
            self._names[identity] = text(said) if said else identity
        relation = element.get("relationshipType")
        licences = isinstance(relation, str) and relation in _LICENCE_RELATIONS
        if licences and isinstance(element.get("from"), str):
            to = element.get("to")
            for target in to if isinstance(to, list) else [to]:
                self._licences.setdefault(element["from"], []).append(str(target)[:300])
        profiles = element.get("profileConformance")
        for profile in profiles if isinstance(profiles, list) else []:
            self._profiles.add(text(profile, 40))

    def _element(self, element: dict[str, Any], kind: str, where: str) -> None:
        if not kind:
            self._mistakes.add(where, "has no type")
            return
        where = f"{where} ({text(kind, 40)})"
        identity = element.get("spdxId", element.get("@id"))
        if kind not in _WITHOUT_ID or identity is not None:
            if not isinstance(identity, str) or not identity:
                self._mistakes.add(where, "has no spdxId")
            elif not identity.startswith("_:") and not formats_of_text.is_iri_reference(identity):
                self._mistakes.add(where, f"spdxId {text(identity, 80)} is no IRI")
            self._inventory.define(identity)
        info = element if kind == "CreationInfo" else element.get("creationInfo")
        if isinstance(info, dict):
            self._creation(info, where)
        elif info is not None and not isinstance(info, str):
            self._mistakes.add(where, "creationInfo is neither object nor reference")
        if "Relationship" in kind:
            self._relationship(element, where)
        for name in _REFERENCES:
            value = element.get(name)
            for reference in value if isinstance(value, list) else [value]:
                self._inventory.use(reference)
        self._hashes(element, where)
        if kind in _PACKAGES:
            self._package(element, kind, identity)

    def _creation(self, info: dict[str, Any], where: str) -> None:
        version, created, by = info.get("specVersion"), info.get("created"), info.get("createdBy")
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            self._mistakes.add(where, f"specVersion {text(version, 40)}")
        if not isinstance(created, str) or not formats_of_text.is_date_time(created):
            self._mistakes.add(where, f"created {text(created, 40)}")
        else:
            self._notes.facts.setdefault("created", text(created, 40))
        if not by or not isinstance(by, list | str | dict):
            self._mistakes.add(where, "createdBy is missing")

    def _relationship(self, element: dict[str, Any], where: str) -> None:
        for name in ("from", "to", "relationshipType"):
            if not element.get(name):
                self._mistakes.add(where, f"{name} is missing")

    def _hashes(self, element: dict[str, Any], where: str) -> None:
        for method in rows(element.get("verifiedUsing")):
            if _kind(method) != "Hash":
                continue
            algorithm, value = method.get("algorithm"), method.get("hashValue")
            digits = _DIGEST_DIGITS.get(str(algorithm), 0)
            if not isinstance(algorithm, str) or not isinstance(value, str) or not value:
                self._mistakes.add(where, "hash without algorithm or value")
            elif digits and (len(value) != digits or not _HEX.fullmatch(value)):
                self._mistakes.add(where, f"{text(algorithm, 20)} {text(value, 60)} is no hash")

    def _package(self, element: dict[str, Any], kind: str, identity: Any) -> None:
        licences = self._licences.get(identity, []) if isinstance(identity, str) else []
        supplier = element.get("suppliedBy") or element.get("originatedBy") or ""
        if isinstance(supplier, list):
            supplier = supplier[0]
        external = {str(row.get("externalIdentifierType")) for row in rows(element.get("externalIdentifier"))}
        self._inventory.add(
            Part(
                kind=kind,
                name=stated(element.get("name")),
                version=stated(element.get("software_packageVersion")),
                supplier=self._names.get(supplier, supplier) if isinstance(supplier, str) else "",
                licences=tuple(self._names.get(licence, licence) for licence in licences),
                has_hash=bool(element.get("verifiedUsing")),
                has_identifier=bool(element.get("software_packageUrl"))
                or bool(external & {"packageUrl", "cpe22", "cpe23", "swid", "packageURL"}),
            )
        )


def _kind(element: dict[str, Any]) -> str:
    value = element.get("type", element.get("@type"))
    return value if isinstance(value, str) else ""
