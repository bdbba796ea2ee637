"""``workstation verify`` of a content set with its envelope and certificates beside it."""

import argparse
import json
import sys
from pathlib import Path

from workstation.app import verification_lines as lines
from workstation.app.content import CERTIFICATES, SIGNATURE, predicate_of
from workstation.app.wording import visible
from workstation.commands.files import FileUnusable
from workstation.core.content import MAX_SET_BYTES, ContentSigner, head_of
from workstation.core.examination import Outcome
from workstation.core.verifications import EXIT_STATUS, verification_json

_MOST_SIDE_BYTES = 1 << 20


def run(options: argparse.Namespace) -> int:
    """Verify and print; a set whose signature does not hold is refused as an error with its next step.

    Raises:
        ContentTrustMissing, ContentSignatureBad, CriteriaSetMalformed, TrustUnreadable, NoTrustRoot.
    """
    from reports import content_signing, trust  # noqa: PLC0415 - only for content sets
    from workstation.commands import verify  # noqa: PLC0415 - it calls this module
    from workstation.machine import SystemClock  # noqa: PLC0415

    store = verify.trust_of(options)
    content, at = _read(options.path, MAX_SET_BYTES), SystemClock().now()
    head = head_of(content)
    signers = content_signing.verify(
        head.file_name,
        content,
        _read(options.path.with_name(options.path.name + SIGNATURE), _MOST_SIDE_BYTES),
        _read(options.path.with_name(options.path.name + CERTIFICATES), _MOST_SIDE_BYTES),
        predicate=predicate_of(head),
        trust=store,
        at=at,
        demo_allowed=options.demo,
    )
    anchors = trust.Anchors(store)
    if options.json:
        facts: dict[str, object] = {
            "kind": "content-set",
            "set": f"{head.id} v{head.version}",
            "signers": [_facts(one) for one in signers],
            "roots_sha384": list(anchors.fingerprints),
        }
        answer = verification_json(outcome=Outcome.ACCEPT, problems=(), facts=facts)
        sys.stdout.write(json.dumps(answer) + "\n")
        return EXIT_STATUS[Outcome.ACCEPT]
    print(f"Verified: {visible(head.id, lines=False)} v{head.version}")
    for one in signers:
        name = visible(one.untrusted_name, lines=False)
        print(
            f"  Signature {one.algorithm}, {name}, certificate {one.certificate_sha384[:16]}: holds, trusted"
        )
    for line in lines.roots_told(anchors.fingerprints, f"from {visible(str(options.trust), lines=False)}"):
        print(line)
    for line in lines.lists_told(anchors.ages(at=at, given=store)):
        print(line)
    return EXIT_STATUS[Outcome.ACCEPT]


def _facts(one: ContentSigner) -> dict[str, str]:
    return {
        "untrusted_name": one.untrusted_name,
        "algorithm": one.algorithm,
        "certificate_sha384": one.certificate_sha384,
    }


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except OSError as fault:
        raise FileUnusable(path=str(path), reason=fault.strerror or "") from fault
    if len(content) > most_bytes:
        raise FileUnusable(path=str(path), reason=f"more than {most_bytes} bytes")
    return content
