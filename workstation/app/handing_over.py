"""What a recipient needs to verify exports, handed over by another channel than any export."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import resources
from workstation.app import administering
from workstation.app.services import Session
from workstation.core.exports import RootsNotWritten

VERIFIER = "verify_export.py"
FINGERPRINTS = "FINGERPRINTS.txt"
_LABELS = ("root-ec.pem (P-384)", "root-pq.pem (ML-DSA-87)")
_TOLD = """\
HOW TO VERIFY EXPORTS OF {office}
{demo}
This folder comes by another channel than the exports it verifies. Whoever hands it over on the same medium as
an export has handed over nothing: a forger can write both. Compare the fingerprints with the office, by
telephone or on paper, before the first use.

SHA-384 of the root certificates:

{roots}

    python3 {verifier} EXPORT \\
{options}

{verifier} needs Python 3.8 or newer and nothing else. It ends with exit status 0 (as signed), 1 (look at
what it says), 2 (refused) or 3 (wrong usage). The signatures inside PDF files it compares by digest only;
VERIFY.txt in each export has the commands for pdfsig and openssl.
"""


def write_verifier(session: Session, folder: Path) -> list[str]:
    """The one-file verifier, the roots, the revocation lists, and the fingerprints with the command to run.

    Returns the file names. An existing file is never replaced.

    Raises:
        RootsNotWritten: a file is there already, or the folder cannot be written.
    """
    names = administering.write_roots(session, folder)
    content = {VERIFIER: resources.read_bytes(f"verify/{VERIFIER}"), FINGERPRINTS: _fingerprints(session)}
    for name, body in content.items():
        try:
            with (folder / name).open("xb") as file:
                file.write(body)
        except OSError as error:
            raise RootsNotWritten(path=str(folder / name), reason=error.strerror or "") from error
    return [*names, *content]


def _labels() -> Iterator[str]:
    """What ``write_roots`` calls the files, in the same order."""
    yield from _LABELS
    yield from (f"root-pki-{number}.pem (the office's own infrastructure)" for number in count(1))


def _fingerprints(session: Session) -> bytes:
    with session.look() as work:
        office = (work.blob(administering.OFFICE) or b"").decode()
    found = administering.root_fingerprints(session)
    roots = "\n".join(f"    {label}\n    {one}\n" for label, one in zip(_labels(), found, strict=False))
    options = " \\\n".join(f"        --root-fingerprint {one}" for one in found)
    demo = ""
    if session.services.watermark:
        demo = "(DEMONSTRATION: what it verifies was never real.)\n"
        options += " \\\n        --demo"
    told = _TOLD.format(office=office, demo=demo, roots=roots, options=options, verifier=VERIFIER)
    return told.encode()
