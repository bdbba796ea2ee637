"""CycloneDX in XML. A document type is refused before anything is built: the format has none."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from workstation.examine.inventories import beside, schema
from workstation.examine.inventories.inventory import Inventory, Mistakes, Part, invalid, text, whole
from workstation.examine.reader import Notes, Source

if TYPE_CHECKING:
    from lxml import etree

MAX_DEPTH = 200
MAX_ELEMENTS = 2_000_000
_NAMESPACE = re.compile(r"http://cyclonedx\.org/schema/bom/(\d+\.\d+)")


def examine(source: Source, notes: Notes) -> None:
    """Hold the file against the schema of its version and sum it up."""
    raw = whole(source)
    _require_plain(raw)
    root = _parse(raw)
    notes.facts["format"] = "CycloneDX"
    namespace = _NAMESPACE.fullmatch(_namespace(root))
    if namespace is None:
        raise invalid(f"namespace {text(_namespace(root), 100)}")
    version = namespace[1]
    notes.facts["spec_version"] = version
    if version in schema.XML_VERSIONS:
        mistakes = Mistakes(notes)
        for where, what in schema.xml_errors(root.getroottree(), version):
            mistakes.add(where, what)
            if mistakes.enough:
                break
    else:
        notes.incomplete("SBOM_VERSION", version)
    _report(root, notes)


def _require_plain(raw: bytes) -> None:
    """Refuse what is no XML, nests too deep, or declares a document type (and with it entities)."""
    depth = 0

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise invalid(f"nested deeper than {MAX_DEPTH}")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def typed(*_rest: object) -> None:
        raise invalid("declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = typed
    parser.EntityDeclHandler = typed
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise invalid(f"no XML: {error}") from None


def _parse(raw: bytes) -> "etree._Element":
    from lxml import etree  # noqa: PLC0415 - only inside the sandbox

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, recover=False
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise invalid(f"no XML: {error}") from None


def _namespace(element: "etree._Element") -> str:
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: Any, *names: str) -> list[Any]:
    return [child for child in element if _local(child) in names]


def _said(element: Any, *path: str) -> str:
    """The text of the first element down a path of names, or nothing."""
    for name in path:
        element = next(iter(_children(element, name)), None)
        if element is None:
            return ""
    return (element.text or "").strip()


def _report(root: "etree._Element", notes: Notes) -> None:
    inventory = Inventory()
    if root.get("serialNumber"):
        notes.facts["serial_number"] = text(root.get("serialNumber"))
    subject = None
    for metadata in _children(root, "metadata"):
        if _said(metadata, "timestamp"):
            notes.facts["created"] = text(_said(metadata, "timestamp"))
        subject = next(iter(_children(metadata, "component")), None)
        if subject is not None:
            notes.facts["subject"] = text(f"{_said(subject, 'name')} {_said(subject, 'version')}".strip())
    for element in root.iter():
        name = _local(element)
        if element is subject and element.get("type") != "machine-learning-model":
            inventory.define(element.get("bom-ref"))
        elif name == "component" and _local(element.getparent()) in {"components", "metadata"}:
            inventory.add(_part(element))
            inventory.define(element.get("bom-ref"))
        elif name == "service" and _local(element.getparent()) == "services":
            inventory.define(element.get("bom-ref"))
        elif name in {"dependency", "provides"} and element.get("ref"):
            inventory.use(element.get("ref"))
    for name in ("services", "vulnerabilities", "dependencies", "compositions", "annotations"):
        count = sum(len(each) for each in _children(root, name))
        if count:
            notes.facts[name] = count
    inventory.into(notes)
    beside.compare(_files(root), notes)


def _files(root: Any) -> Iterator[beside.Entry]:
    """Components that may be files of the package, nested or not: those with a digest, by their names."""
    for element in islice(root.iter(), MAX_ELEMENTS):
        if _local(element) != "component":
            continue
        stated = [
            {"alg": each.get("alg"), "content": (each.text or "").strip()}
            for group in _children(element, "hashes")
            for each in _children(group, "hash")
        ]
        if stated and _said(element, "name"):
            yield _said(element, "name"), beside.digests(stated, "alg", "content")


def _part(element: Any) -> Part:
    licences = [
        _said(licence, "id") or _said(licence, "name")
        if _local(licence) == "license"
        else (licence.text or "").strip()
        for group in _children(element, "licenses")
        for licence in _children(group, "license", "expression")
    ]
    supplier = _said(element, "supplier", "name") or _said(element, "manufacturer", "name")
    return Part(
        kind=str(element.get("type", ""))[:60],
        name=_said(element, "name"),
        version=_said(element, "version") or _said(element, "versionRange"),
        supplier=supplier or _said(element, "publisher") or _said(element, "author"),
        licences=tuple(licence for licence in licences if licence),
        has_hash=any(len(group) for group in _children(element, "hashes")),
        has_identifier=bool(_children(element, "purl", "cpe", "swid", "omniborId", "swhid")),
        has_card=bool(_children(element, "modelCard")),
    )
