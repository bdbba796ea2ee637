"""First inputs made of JSON, XML and tags: evaluations and inventories."""

import json

from tests.helpers import archives


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def evaluations() -> list[bytes]:
    """Inspect logs as JSON."""
    spec = {"task": "t", "model": "m", "created": "2026-01-01T00:00:00+00:00", "dataset": {"name": "d"}}
    sample = {
        "id": 1,
        "epoch": 1,
        "input": "q",
        "target": "a",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}],
        "scores": {"match": {"value": "C", "answer": "a"}},
        "events": [{"event": "model", "output": {"choices": []}}],
    }
    results = {"scores": [{"name": "match", "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}}}]}
    return [
        _json({"version": 2, "status": "success", "eval": spec, "results": results, "samples": [sample]}),
        _json({"version": 2, "status": "error", "eval": spec, "error": {"message": "x"}}),
    ]


def inspect_zips() -> list[bytes]:
    """Inspect logs as archives: a finished run, a killed one."""
    whole = json.loads(evaluations()[0])
    sample = whole.pop("samples")[0]
    journal = {"_journal/start.json": _json({"version": 2, "eval": whole["eval"], "plan": {}})}
    summaries = {"_journal/summaries/1.json": _json([{"id": 1, "epoch": 1, "scores": {}}])}
    rest = {"samples/1_epoch_1.json": _json(sample), **journal, **summaries}
    return [archives.plain_zip({"header.json": _json(whole), **rest}), archives.plain_zip(rest)]


def lm_eval() -> list[bytes]:
    """Results and samples of lm-evaluation-harness."""
    results = {"hellaswag": {"acc,none": 0.5, "acc_stderr,none": 0.01, "alias": "h"}}
    whole = {
        "results": results,
        "configs": {"hellaswag": {"task": "hellaswag"}},
        "versions": {"hellaswag": 1},
    }
    line = _json({"doc_id": 0, "doc": {"q": "x"}, "target": "a", "resps": [[["b", "True"]]], "acc": 1.0})
    return [
        _json({**whole, "n-samples": {"hellaswag": {"original": 3, "effective": 3}}}),
        line + b"\n" + line,
    ]


def cyclonedx() -> list[bytes]:
    """CycloneDX as JSON."""
    card = {"modelParameters": {"task": "t"}, "considerations": {"users": ["u"]}}
    parts = [
        {"type": "library", "name": "a", "version": "1", "purl": "pkg:pypi/a@1", "bom-ref": "a"},
        {"type": "machine-learning-model", "name": "m", "modelCard": card, "bom-ref": "m"},
    ]
    head = {"bomFormat": "CycloneDX", "version": 1, "components": parts}
    return [
        _json({**head, "specVersion": spec, "dependencies": [{"ref": "a", "dependsOn": ["m"]}]})
        for spec in ("1.4", "1.6", "1.7")
    ]


def cyclonedx_xml() -> list[bytes]:
    """CycloneDX as XML."""
    inner = (
        '<components><component type="library"><name>a</name><version>1</version></component></components>'
    )
    return [
        f'<bom xmlns="http://cyclonedx.org/schema/bom/1.{n}" version="1">{inner}</bom>'.encode()
        for n in (4, 6)
    ]


def spdx() -> list[bytes]:
    """SPDX 2.3 as JSON and as tags."""
    package = {"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NOASSERTION", "filesAnalyzed": False}
    relation = {
        "spdxElementId": "SPDXRef-DOCUMENT",
        "relationshipType": "DESCRIBES",
        "relatedSpdxElement": "SPDXRef-a",
    }
    whole = {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "dataLicense": "CC0-1.0",
        "name": "d",
        "documentNamespace": "https://example.org/d",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [package],
        "relationships": [relation],
    }
    tags = b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: d\n"
    tags += b"DocumentNamespace: https://example.org/d\nCreator: Tool: t\nCreated: 2026-01-01T00:00:00Z\n"
    return [_json(whole), tags + b"PackageName: a\nSPDXID: SPDXRef-a\nPackageComment: <text>x\ny</text>\n"]


def spdx3() -> list[bytes]:
    """SPDX 3 as JSON-LD."""
    graph = [
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z"},
        {"type": "SpdxDocument", "spdxId": "urn:d", "creationInfo": "_:c", "rootElement": ["urn:a"]},
        {"type": "ai_AIPackage", "spdxId": "urn:a", "creationInfo": "_:c", "name": "m"},
    ]
    return [_json({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph})]
