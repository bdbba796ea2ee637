"""What every database promises of the containers that its rows name."""

from dataclasses import replace

from tests.helpers.databases import LEAD, Bench, a_file, a_package, a_report, about, add_case
from workstation.core.vault import ContainerKind, ObjectRef


def test_every_container_that_a_row_names_is_told_once(bench: Bench) -> None:
    """Containers of many files and of reports are named, whatever place and key a reference ends in."""
    refs = [
        ObjectRef(
            kind=kind,
            container_id=container,
            offset=offset,
            size_bytes=7,
            epoch=epoch,
            wrapped_key=bytes(40),
            case_key=case_key,
        )
        for kind in ContainerKind
        for container in (bytes(16), b"\xff" * 16, bytes(15) + b"\x01", b"\xfb\xef\xbe" * 5 + b"~")
        for offset, epoch, case_key in ((32, 1, 0), (13_210, 9, 0), ((1 << 63) - 1, 0, 5))
    ]
    named = [replace(a_file(f"file {at}"), object_ref=ref.text) for at, ref in enumerate(refs)]
    reported = replace(refs[0], container_id=b"report".ljust(16))
    report = replace(a_report(), pdf_ref=reported.text, statement_ref="", annex=())
    add_case(bench.database)
    with bench.database.work(LEAD) as work:
        work.packages.add(a_package())
        work.packages.add_files([replace(a_file("unread"), object_ref=""), *named])
        work.releases.save_report(report)
        about(work)
    with bench.database.look() as work:
        assert work.packages.containers() == {ref.container for ref in (*refs, reported)}
