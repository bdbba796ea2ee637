"""CycloneDX in JSON: any version with a schema, machine-learning components included."""

import re
from collections.abc import Iterator
from typing import Any

from workstation.examine.inventories import beside, json_object, schema
from workstation.examine.inventories.inventory import (
    Inventory,
    Mistakes,
    Part,
    invalid,
    rows,
    stated,
    table,
    text,
    whole,
)
from workstation.examine.reader import Notes, Source

MAX_PARTS = 200_000
MAX_CHECKED_BYTES = 6 << 20  # what the schema library gets through in half a minute on a slow machine
_VERSION = re.compile(r"[1-9]\d?\.\d{1,2}")


def examine(source: Source, notes: Notes) -> None:
    """Hold the file against the schema of its version and sum it up."""
    content = json_object.load(whole(source), notes)
    notes.facts["format"] = "CycloneDX"
    version = content.get("specVersion")
    notes.facts["spec_version"] = text(version, 20)
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise invalid(f"specVersion {text(version, 40)}")
    if source.size_bytes > MAX_CHECKED_BYTES:
        notes.incomplete("SBOM_TOO_LARGE", f"{source.size_bytes} bytes, checked up to {MAX_CHECKED_BYTES}")
    elif version in schema.JSON_VERSIONS:
        mistakes = Mistakes(notes)
        for where, what in schema.json_errors(content, version):
            mistakes.add(where, what)
            if mistakes.enough:
                break
    else:
        notes.incomplete("SBOM_VERSION", version)
    report(content, notes)


def report(content: dict[str, Any], notes: Notes) -> None:
    """Facts, whether or not the file is valid."""
    inventory, metadata = Inventory(), table(content.get("metadata"))
    for name, value in (
        ("serial_number", content.get("serialNumber")),
        ("created", metadata.get("timestamp")),
    ):
        if isinstance(value, str):
            notes.facts[name] = text(value)
    subject = table(metadata.get("component"))
    if subject:
        notes.facts["subject"] = text(f"{subject.get('name', '')} {subject.get('version', '')}".strip())
        if subject.get("type") == "machine-learning-model":
            inventory.add(_part(subject))
        inventory.define(subject.get("bom-ref"))
    _components(rows(content.get("components")) + rows(subject.get("components")), inventory)
    for service in rows(content.get("services")):
        inventory.define(service.get("bom-ref"))
    for name in ("services", "vulnerabilities", "dependencies", "compositions", "annotations"):
        if isinstance(content.get(name), list) and content[name]:
            notes.facts[name] = len(content[name])
    _dependencies(content, inventory)
    inventory.into(notes)
    beside.compare(_files(content), notes)


def _files(content: dict[str, Any]) -> Iterator[beside.Entry]:
    """Components that may be files of the package, nested or not: those with a digest, by their names."""
    subject = table(table(content.get("metadata")).get("component"))
    todo = [*reversed(rows(content.get("components"))), subject]
    for _number in range(MAX_PARTS):
        if not todo:
            return
        component = todo.pop()
        todo.extend(reversed(rows(component.get("components"))))
        name = component.get("name")
        if isinstance(name, str) and component.get("hashes"):
            yield name, beside.digests(component["hashes"], "alg", "content")


def _components(components: list[dict[str, Any]], inventory: Inventory) -> None:
    """Components and what they are assembled of, without recursion."""
    todo = list(reversed(components))
    while todo and inventory.parts < MAX_PARTS:
        component = todo.pop()
        inventory.add(_part(component))
        inventory.define(component.get("bom-ref"))
        todo.extend(reversed(rows(component.get("components"))))


def _part(component: dict[str, Any]) -> Part:
    supplier = table(component.get("supplier")).get("name") or table(component.get("manufacturer")).get(
        "name"
    )
    return Part(
        kind=str(component.get("type", ""))[:60],
        name=stated(component.get("name")),
        version=stated(component.get("version")) or stated(component.get("versionRange")),
        supplier=stated(supplier) or stated(component.get("publisher")) or stated(component.get("author")),
        licences=tuple(_licences(component.get("licenses"))),
        has_hash=bool(component.get("hashes")),
        has_identifier=any(component.get(name) for name in ("purl", "cpe", "swid", "omniborId", "swhid")),
        has_card=bool(component.get("modelCard")),
    )


def _licences(value: Any) -> list[str]:
    found = []
    for row in rows(value):
        licence = table(row.get("license"))
        name = stated(row.get("expression")) or stated(licence.get("id")) or stated(licence.get("name"))
        if name:
            found.append(name)
    return found


def _dependencies(content: dict[str, Any], inventory: Inventory) -> None:
    for dependency in rows(content.get("dependencies")):
        inventory.use(dependency.get("ref"))
        for name in ("dependsOn", "provides"):
            values = dependency.get(name)
            for reference in values if isinstance(values, list) else []:
                inventory.use(reference)
