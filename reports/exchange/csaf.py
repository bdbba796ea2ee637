"""Flaws as a security advisory in CSAF 2.0 (OASIS Standard, 18 November 2022).

What is written is checked here against the standard's own demands on this profile (``_require``), because a
recipient's reader refuses silently what it cannot use. CSAF 2.0 knows CVSS 2 and 3 only: a vector of version
4.0 goes into a note. Times are claimed, like every time of this workstation.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import rfc8785

from workstation.core.advisories import AdvisedFlaw, Advisory
from workstation.core.finding_errors import AdvisoryInvalid
from workstation.core.findings import PatchState
from workstation.core.severity import Score

PROFILE = "csaf_security_advisory"
_PRODUCT = "CSAFPID-0001"
_TRACKING = re.compile(r"\S(?:.*\S)?")
_NAMESPACE = "urn:frontier-review:office:"
_REMEDIES = {
    PatchState.UNKNOWN: ("none_available", "Nothing is known of a correction."),
    PatchState.NONE: ("none_available", "There is no correction."),
    PatchState.IN_PROGRESS: ("none_available", "A correction is being made."),
    PatchState.AVAILABLE: ("vendor_fix", "A correction is available."),
}


def file_name(tracking_id: str) -> str:
    """The file's name by section 5.1: lower case, everything unusual an underscore."""
    return re.sub(r"[^+\-a-z0-9]+", "_", tracking_id.lower()) + ".json"


def write(advisory: Advisory) -> bytes:
    """Canonical JSON of the advisory.

    Raises:
        AdvisoryInvalid: a name is empty, or the result would not be CSAF 2.0.
    """
    document: dict[str, Any] = {
        "document": _document(advisory),
        "product_tree": _products(advisory),
        "vulnerabilities": [_vulnerability(advisory, flaw) for flaw in advisory.flaws],
    }
    _require(document)
    return rfc8785.dumps(document)


# --- parts -------------------------------------------------------------------------------------------


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _document(advisory: Advisory) -> dict[str, Any]:
    made = _moment(advisory.made_at)
    done = all(flaw.finding.patch is PatchState.AVAILABLE for flaw in advisory.flaws)
    marking = f"{advisory.watermark} {advisory.marking}".strip()
    return {
        "category": PROFILE,
        "csaf_version": "2.0",
        "distribution": {"text": "\n".join((f"Marking: {marking}", *_embargoes(advisory)))},
        "lang": "en-US",
        "notes": [
            {"category": "summary", "text": f"{advisory.summary_portion} {advisory.summary}".strip()},
            {
                "category": "general",
                "title": "Voluntary",
                "text": "The model was submitted of the developer's own accord. All times are claimed.",
            },
        ],
        "publisher": {
            "category": "discoverer",
            "name": advisory.office,
            "namespace": _NAMESPACE + (re.sub(r"[^a-z0-9]+", "-", advisory.office.lower()).strip("-") or "x"),
        },
        "title": f"{advisory.watermark} {advisory.title}".strip(),
        "tracking": {
            "current_release_date": made,
            "id": advisory.tracking_id,
            "initial_release_date": made,
            "revision_history": [{"date": made, "number": "1", "summary": "First referral."}],
            "status": "final" if done else "interim",
            "version": "1",
        },
    }


def _embargoes(advisory: Advisory) -> Iterator[str]:
    for flaw in advisory.flaws:
        if flaw.embargo is not None:
            parties = ", ".join(flaw.embargo.parties)
            until = flaw.embargo.until
            yield f"Embargo on {flaw.finding.finding_id} until {until} (UTC), known to: {parties}."


def _products(advisory: Advisory) -> dict[str, Any]:
    full = f"{advisory.developer} {advisory.model} {advisory.checkpoint}"
    product: dict[str, Any] = {"name": full, "product_id": _PRODUCT}
    files = {
        (file.untrusted_path, file.sha384): file
        for flaw in advisory.flaws
        for file in flaw.files
        if file.sha384
    }
    if files:
        product["product_identification_helper"] = {
            "hashes": [
                {
                    "file_hashes": [{"algorithm": "sha384", "value": file.sha384}],
                    "filename": file.untrusted_path,
                }
                for _key, file in sorted(files.items())
            ]
        }
    version = {"category": "product_version", "name": advisory.checkpoint, "product": product}
    named = {"category": "product_name", "name": advisory.model, "branches": [version]}
    return {"branches": [{"category": "vendor", "name": advisory.developer, "branches": [named]}]}


def _vulnerability(advisory: Advisory, flaw: AdvisedFlaw) -> dict[str, Any]:
    finding = flaw.finding
    category, details = _REMEDIES[finding.patch]
    found: dict[str, Any] = {
        "discovery_date": _moment(finding.reported_at),
        "ids": [{"system_name": advisory.office, "text": finding.finding_id}],
        "notes": list(_notes(flaw)),
        "product_status": {"known_affected": [_PRODUCT]},
        "remediations": [
            {
                "category": category,
                "details": f"{details} {finding.patch_note}".strip(),
                "product_ids": [_PRODUCT],
            }
        ],
        "title": finding.text.title,
    }
    if finding.text.cwe and finding.text.cwe_name:
        found["cwe"] = {"id": finding.text.cwe, "name": finding.text.cwe_name}
    newest = max((one for one in finding.scores if _is_v3(one)), key=lambda one: one.version, default=None)
    if newest is not None:
        # One only: two of version 3 for one product would contradict each other (test 6.1.7).
        found["scores"] = [{"cvss_v3": _cvss(newest), "products": [_PRODUCT]}]
    return found


def _notes(flaw: AdvisedFlaw) -> Iterator[dict[str, Any]]:
    text = flaw.finding.text
    portion = f"{flaw.portion or text.portion_marking} "
    yield {"category": "description", "text": portion + text.description, "title": "Description"}
    yield {"category": "details", "text": text.component, "title": "Affected component"}
    places = [f"{file.untrusted_path} {file.anchor}".strip() for file in flaw.files]
    if places:
        yield {"category": "details", "text": "\n".join(places), "title": "Where it was seen"}
    if text.cwe and not text.cwe_name:
        yield {"category": "other", "text": text.cwe, "title": "Weakness"}
    for one in flaw.finding.scores:
        if not _is_v3(one):
            words = f"{one.vector}, base score {one.base:.1f}, {one.severity}"
            yield {"category": "other", "text": words, "title": f"CVSS {one.version}"}


def _is_v3(score: Score) -> bool:
    return score.version.startswith("3.")


def _cvss(score: Score) -> dict[str, Any]:
    return {
        "baseScore": score.base,
        "baseSeverity": score.severity.upper(),
        "vectorString": score.vector,
        "version": score.version,
    }


# --- what the standard demands of what is written here -----------------------------------------------


def _require(document: dict[str, Any]) -> None:
    """No text without a visible character, an identifier without a line break, at least one vulnerability."""
    for where, value in _texts(document, ""):
        if not value.strip():
            raise AdvisoryInvalid(where=where, reason="empty text")
        if any(0xD800 <= ord(char) <= 0xDFFF for char in value):  # noqa: PLR2004 - half a character
            raise AdvisoryInvalid(where=where, reason="not Unicode text")
    tracking = document["document"]["tracking"]["id"]
    if not _TRACKING.fullmatch(tracking):
        raise AdvisoryInvalid(where="/document/tracking/id", reason="line break or blank at an end")
    if not document["vulnerabilities"]:
        raise AdvisoryInvalid(where="/vulnerabilities", reason="none")
    ids = [one["ids"][0]["text"] for one in document["vulnerabilities"]]
    if len(set(ids)) != len(ids):
        raise AdvisoryInvalid(where="/vulnerabilities", reason="the same finding twice")


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{where}/{number}")
