"""SPDX 2 in JSON and as tags with values."""

import re
from collections.abc import Iterator
from typing import Any

from workstation.examine.inventories import json_object, spdx_rules
from workstation.examine.inventories.inventory import Mistakes, invalid, whole
from workstation.examine.reader import Notes, Source

_LINE = re.compile(r"([A-Za-z][A-Za-z0-9]*)[ \t]*:[ \t]*(.*)")
_CHECKSUM = re.compile(r"([A-Za-z0-9-]+)[ \t]*:[ \t]*(\S+)")
_DOCUMENT = {
    "SPDXVersion": "spdxVersion",
    "DataLicense": "dataLicense",
    "DocumentName": "name",
    "DocumentNamespace": "documentNamespace",
}
_PACKAGE = {
    "PackageVersion": "versionInfo",
    "PackageSupplier": "supplier",
    "PackageOriginator": "originator",
    "PackageDownloadLocation": "downloadLocation",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
    "PackageVerificationCode": "packageVerificationCode",
}
_STARTS = {
    "PackageName": ("packages", "name"),
    "FileName": ("files", "fileName"),
    "SnippetSPDXID": ("snippets", "SPDXID"),
    "LicenseID": ("hasExtractedLicensingInfos", "licenseId"),
}
_ELSEWHERE = {"SnippetFromFileSPDXID": "snippetFromFile", "ExtractedText": "extractedText"}
_RELATION_PARTS = 3


def examine(source: Source, notes: Notes) -> None:
    """Hold the document against the rules of SPDX 2 and sum it up."""
    raw = whole(source)
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        spdx_rules.check(json_object.load(raw, notes), notes)
        return
    notes.kind = "spdx-tags"
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(f"no UTF-8: {error.reason}") from None
    spdx_rules.check(_document(content, Mistakes(notes)), notes)


def _document(content: str, mistakes: Mistakes) -> dict[str, Any]:
    """The document in the names of its JSON form."""
    reader = _Tags(mistakes)
    for tag, value in _pairs(content, mistakes):
        reader.take(tag, value)
    return reader.document


def _pairs(content: str, mistakes: Mistakes) -> Iterator[tuple[str, str]]:
    """Tags with their values; a value in ``<text>`` may go over several lines."""
    lines = iter(content.splitlines())
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            mistakes.add(f"line {number}", "is no tag with a value")
            continue
        tag, value = match[1], match[2].strip()
        if value.startswith("<text>"):
            parts = [value.removeprefix("<text>")]
            while "</text>" not in parts[-1]:
                following = next(lines, None)
                if following is None:
                    mistakes.add(f"line {number}", "text without an end")
                    break
                parts.append(following)
            value = "\n".join(parts).partition("</text>")[0]
        yield tag, value


class _Tags:
    """Puts tags where their JSON form has them: a start tag opens a package, file, snippet or licence."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.document: dict[str, Any] = {"creationInfo": {"creators": []}}
        self._row = self.document
        self._mistakes = mistakes

    def take(self, tag: str, value: str) -> None:
        """Take one tag."""
        if tag in _STARTS:
            group, name = _STARTS[tag]
            self._row = {name: value}
            self.document.setdefault(group, []).append(self._row)
        elif tag == "SPDXID":
            self._row["SPDXID"] = value
        elif tag in _DOCUMENT:
            self.document[_DOCUMENT[tag]] = value
        elif tag in _PACKAGE:
            self._row[_PACKAGE[tag]] = value
        elif tag in _ELSEWHERE:
            self._row[_ELSEWHERE[tag]] = value
        elif tag == "Creator":
            self.document["creationInfo"]["creators"].append(value)
        elif tag == "Created":
            self.document["creationInfo"]["created"] = value
        elif tag in {"PackageChecksum", "FileChecksum"}:
            self._checksum(value)
        elif tag == "ExternalRef":
            words = value.split()
            reference = {"referenceType": words[1] if len(words) > 1 else ""}
            self._row.setdefault("externalRefs", []).append(reference)
        elif tag == "Relationship":
            self._relationship(value)

    def _checksum(self, value: str) -> None:
        match = _CHECKSUM.fullmatch(value)
        if match is None:
            self._mistakes.add("checksum", value[:80])
            return
        checksum = {"algorithm": match[1], "checksumValue": match[2]}
        self._row.setdefault("checksums", []).append(checksum)

    def _relationship(self, value: str) -> None:
        words = value.split()
        if len(words) < _RELATION_PARTS:
            self._mistakes.add("relationship", value[:80])
            return
        relation = {"spdxElementId": words[0], "relationshipType": words[1], "relatedSpdxElement": words[2]}
        self.document.setdefault("relationships", []).append(relation)
