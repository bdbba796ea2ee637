"""A report of 500 items on 120 pages: composed, signed twice, validated.

    python3 dev.py bench reports [--items 500] [--rounds 5] [--strict]

Seconds are of the processor: other work on the machine would only blur them. "Signatures" is the making of
both; what each signer's own check of the result costs is told beside it, for nothing that does not verify is
given out. ``--strict`` ends with 1 when a goal is missed.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pypdfium2

from reports import signing
from reports.bundle import compose
from reports.render import render
from reports.verifying_pdf import verify_pdf
from tests.helpers.sample_report import AT, sample_report
from tests.helpers.signing_office import SIGNED, Office, found_office, sign_step
from workstation.core.report import Column, ReportDocument, Row, Table
from workstation.core.verifications import PdfVerification

GOALS_S = {"composed": 2.0, "signatures": 1.0, "validated": 3.0}
_LONG = (
    "Both reviewers read the file named beside this answer and found the figures it states; the interval is "
    "theirs, the arithmetic was done again, and what the log leaves out is named. "
)


def long_report(items: int) -> ReportDocument:
    """The sample report with a checklist of so many items, four to a page."""
    document = sample_report(items=1)
    columns = (
        Column(header="Criterion", share=0.7, is_row_header=True),
        Column(header="Question", share=2.0),
        Column(header="Agreed", share=0.8),
        Column(header="Detail", share=2.8, prose=True),
    )
    rows = tuple(
        Row(
            cells=(
                f"K{n}",
                f"Is part {n} of the evidence there and readable?",
                "Met",
                _LONG * 2 + _LONG[:90],
            ),
            portion="(U)",
        )
        for n in range(items)
    )
    table = Table(columns=columns, rows=rows, caption=f"{items} items", portion="(U)")
    blocks: list[object] = []
    for block in document.blocks:
        blocks += (
            [table, block] if type(block).__name__ == "SignatureBlock" and table not in blocks else [block]
        )
    return replace(document, blocks=tuple(blocks))  # type: ignore[arg-type]  # blocks of a document and a table


class Bench:
    """What was measured, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.checking_s = 0.0

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        """One more measurement of this name."""
        start_s = time.process_time()
        yield
        self.seconds.setdefault(name, []).append(time.process_time() - start_s)

    def counted(self, check: Callable[..., PdfVerification]) -> Callable[..., PdfVerification]:
        """A verification whose time is told apart."""

        def run(*pdf: object, **named: object) -> PdfVerification:
            start_s = time.process_time()
            try:
                return check(*pdf, **named)
            finally:
                self.checking_s += time.process_time() - start_s

        return run

    def round(self, office: Office, document: ReportDocument, at: datetime) -> bytes:
        """Composed, certified, released, validated."""
        with self.measured("composed"):
            pdf = render(document, at=AT)
        self.checking_s, start_s = 0.0, time.process_time()
        pdf = sign_step(signing.release, office, sign_step(signing.certify, office, pdf))
        whole_s = time.process_time() - start_s
        self.seconds.setdefault("signatures", []).append(whole_s - self.checking_s)
        self.seconds.setdefault("signers' own checks", []).append(self.checking_s)
        with self.measured("export around it"), office.sign_as(office.officer) as officer:
            compose(
                {"report.pdf": pdf},
                signers=[officer],
                predicate={},
                trust=office.trust,
                timestamper=office.clock(SIGNED),
                at=SIGNED,
            )
        with self.measured("validated"):
            answer = verify_pdf(pdf, office.trust, at=at)
        if not answer.unchanged:
            raise SystemExit("what was signed does not verify")
        return pdf


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    bench, office, document = Bench(), found_office(), long_report(options.items)
    signing.verify_pdf = bench.counted(verify_pdf)  # type: ignore[attr-defined]  # measured, not replaced
    pdf = b""
    for _round in range(options.rounds):
        pdf = bench.round(office, document, SIGNED)
    print(f"{options.items} items, {len(pypdfium2.PdfDocument(pdf))} pages, {len(pdf):,} bytes")
    missed = False
    for name, seconds in bench.seconds.items():
        median, goal = statistics.median(seconds), GOALS_S.get(name)
        missed |= goal is not None and median > goal
        print(f"{name:24}{median:7.2f} s{f'  goal {goal:.0f} s' if goal else ''}  (least {min(seconds):.2f})")
    print(f"load {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores; {platform.platform()}")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
