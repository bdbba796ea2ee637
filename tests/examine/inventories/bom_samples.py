"""Bills of material made for the tests, and how they are examined."""

import copy
import json
from typing import Any

from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.reader import BytesSource, Notes

CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 1,
    "metadata": {
        "timestamp": "2026-01-02T03:04:05Z",
        "component": {"type": "application", "name": "suite", "version": "2", "bom-ref": "root"},
    },
    "components": [
        {
            "type": "machine-learning-model",
            "bom-ref": "model",
            "name": "tiny",
            "version": "1",
            "supplier": {"name": "ACME"},
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": "a" * 64}],
            "purl": "pkg:generic/tiny@1",
            "modelCard": {"modelParameters": {"task": "text"}},
            "components": [{"type": "library", "name": "inner", "bom-ref": "inner"}],
        },
        {"type": "data", "name": "corpus", "bom-ref": "data"},
    ],
    "dependencies": [{"ref": "root", "dependsOn": ["model", "data"]}],
}
XML = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"
     serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79">
  <metadata><timestamp>2026-01-02T03:04:05Z</timestamp>
    <component type="application" bom-ref="root"><name>suite</name><version>2</version></component></metadata>
  <components>
    <component type="machine-learning-model" bom-ref="model"><supplier><name>ACME</name></supplier>
      <name>tiny</name><version>1</version><licenses><license><id>Apache-2.0</id></license></licenses></component>
    <component type="library" bom-ref="lib"><name>other</name></component>
  </components>
</bom>"""
SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3",
    "dataLicense": "CC0-1.0",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "doc",
    "documentNamespace": "https://example.test/doc-1",
    "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1"]},
    "packages": [
        {
            "SPDXID": "SPDXRef-Package",
            "name": "tiny",
            "versionInfo": "1",
            "downloadLocation": "NOASSERTION",
            "licenseConcluded": "MIT",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "b" * 64}],
        }
    ],
    "files": [
        {
            "SPDXID": "SPDXRef-File",
            "fileName": "./a",
            "checksums": [{"algorithm": "SHA1", "checksumValue": "c" * 40}],
        }
    ],
    "relationships": [
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-Package",
        }
    ],
}
TAGS = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: doc
DocumentNamespace: https://example.test/doc-1
Creator: Tool: maker-1
Created: 2026-01-02T03:04:05Z
# a package
PackageName: tiny
SPDXID: SPDXRef-Package
PackageVersion: 1
PackageDownloadLocation: NOASSERTION
PackageComment: <text>two
lines: of text</text>
PackageLicenseConcluded: MIT
PackageChecksum: SHA256: {sha256}
FileName: ./a
SPDXID: SPDXRef-File
FileChecksum: SHA1: {sha1}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-Package
""".format(sha256="b" * 64, sha1="c" * 40)
INFO = {
    "type": "CreationInfo",
    "@id": "_:info",
    "specVersion": "3.0.1",
    "created": "2026-01-02T03:04:05Z",
    "createdBy": ["https://example.test/me"],
}
SPDX3: dict[str, Any] = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        INFO,
        {
            "type": "ai_AIPackage",
            "spdxId": "https://example.test/model",
            "creationInfo": "_:info",
            "name": "tiny",
            "software_packageVersion": "1",
            "suppliedBy": "https://example.test/me",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "d" * 64}],
        },
        {
            "type": "simplelicensing_LicenseExpression",
            "spdxId": "https://example.test/mit",
            "creationInfo": "_:info",
            "simplelicensing_licenseExpression": "MIT",
        },
        {
            "type": "Relationship",
            "spdxId": "https://example.test/r1",
            "creationInfo": "_:info",
            "from": "https://example.test/model",
            "to": ["https://example.test/mit"],
            "relationshipType": "hasDeclaredLicense",
        },
    ],
}


def examined(content: object, name: str = "bom.json") -> tuple[Outcome, Notes]:
    """As the dispatcher does it, recognition included."""
    raw = content if isinstance(content, bytes) else str.encode(content) if isinstance(content, str) else None
    notes = Notes()
    dispatch.examine(BytesSource(json.dumps(content).encode() if raw is None else raw, name), notes)
    return outcome_of(notes.findings), notes


def codes(notes: Notes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in notes.findings}


def changed(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with one place changed, or removed when the value is ``...``."""
    copied = copy.deepcopy(content)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = copied
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copied
