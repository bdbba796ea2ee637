"""The lists that releases go by, in the window: kept by the custodian, confirmed and used by the officer."""

from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.ui.conftest import Open
from ui.media.view import MediaPage
from ui.releases.view import ReleasesPage
from workstation.core.sealing import OPENING_NAME, SEALED_NAME


def page_of(bench: object) -> MediaPage:
    """The page, on top."""
    bench.window.router.show("media")  # type: ignore[attr-defined]
    found = bench.window.findChild(MediaPage)  # type: ignore[attr-defined]
    assert isinstance(found, MediaPage)
    return found


def key_file(folder: Path) -> tuple[Path, str]:
    """A recipient's public key, and its fingerprint as the recipient reads it out."""
    import hashlib

    public = mlkem.MLKEM1024PrivateKey.generate().public_key()
    path = folder / "director.pub.pem"
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path, hashlib.sha384(public.public_bytes_raw()).hexdigest()


def test_a_custodian_lists_a_medium_and_takes_it_out_of_use(open_at: Open, tmp_path: Path) -> None:
    """It stands in the list with name and marking; out of use it stays there with the reason."""
    bench = open_at("requested", "abara")
    page_of(bench).folder_chosen.emit(tmp_path)
    bench.type("Name", "M-017")
    bench.type("Marking", "SECRET//NOFORN")
    bench.press("Put it on the list")
    assert "M-017 is on the list" in bench.notice()
    assert [row[:3] for row in bench.cells("Media of this office")] == [["M-017", "SECRET//NOFORN", "in use"]]
    bench.type("Name", "M-018")
    bench.type("Marking", "SECRET//NOFORN")
    bench.press("Put it on the list")
    assert "EXP-062" in bench.notice()
    assert bench.typed("Name") == "M-018"
    bench.type("Reason", "lost")
    bench.press("Take it out of use")
    (row,) = bench.cells("Media of this office")
    assert row[2] == "out of use: lost"


def test_a_sealed_release_from_key_to_receipt(open_at: Open, tmp_path: Path) -> None:
    """A key is added, its fingerprint confirmed, the export sealed to it, and its receipt recorded."""
    bench = open_at("requested", "abara")
    medium, office = tmp_path / "medium", tmp_path / "office-out"
    medium.mkdir()
    office.mkdir()
    path, fingerprint = key_file(tmp_path)
    page = page_of(bench)
    bench.type("Name of the recipient", "The Director")
    page._take_key("The Director", path)
    assert "confirms the fingerprint next" in bench.notice()
    bench.list_medium(medium)
    bench.window.lock("asked")
    bench.arrive("tanaka")
    page_of(bench)
    bench.type("Fingerprint", "00" + fingerprint[2:])
    bench.press("Confirm the fingerprint")
    assert "EXP-071" in bench.notice()
    bench.type("Fingerprint", " ".join(fingerprint[i : i + 4] for i in range(0, 96, 4)))
    bench.press("Confirm the fingerprint")
    assert bench.cells("Recipients")[0][1] == "confirmed"
    bench.window.router.show("releases")
    bench.window.findChild(ReleasesPage).folder_chosen.emit(medium)
    bench.button("The Director").click()
    bench.type("Marking on its label", "UNCLASSIFIED")
    bench.passphrase("Your passphrase")
    bench.press("Sign, write and read back")
    assert "safe to remove" in bench.notice()
    (export,) = medium.iterdir()
    assert {one.name for one in export.iterdir()} == {SEALED_NAME, OPENING_NAME, "COMPLETE"}
    receipts = bench.window.findChild(ReleasesPage).receipts
    receipts.saved.emit(export.name, office)
    assert (office / f"{export.name}-receipt.pdf").read_bytes().startswith(b"%PDF")
    bench.type("Received by", "D. Example")
    receipts._on.show_date(date(2027, 1, 1))
    bench.press("Record the receipt")
    assert "EXP-074" in bench.notice()
    assert bench.typed("Received by") == "D. Example"
    receipts._on.show_date(bench.window.desk.here.today())
    bench.press("Record the receipt")
    assert "is recorded" in bench.notice()
    assert not receipts.isVisible()


def test_an_unlisted_medium_is_said_before_and_refused_after(open_at: Open, tmp_path: Path) -> None:
    """The line of the medium says it is on no list; releasing to it writes nothing."""
    bench = open_at("requested", "tanaka")
    stick = tmp_path / "stick"
    stick.mkdir()
    bench.window.findChild(ReleasesPage).folder_chosen.emit(stick)
    assert "not on the office's list" in bench.words()
    bench.type("Marking on its label", "UNCLASSIFIED")
    bench.passphrase("Your passphrase")
    bench.press("Sign, write and read back")
    assert "EXP-060" in bench.notice()
    assert list(stick.iterdir()) == []


def test_the_officer_keeps_no_list_and_the_custodian_confirms_nothing(open_at: Open) -> None:
    """Each sees the lists, and only the forms of the own duty."""
    bench = open_at("requested", "abara")
    page_of(bench)
    assert bench.has_button("Put it on the list")
    assert not bench.has_button("Confirm the fingerprint")
    bench.window.lock("asked")
    bench.arrive("tanaka")
    page_of(bench)
    assert not bench.has_button("Put it on the list")
    assert not bench.has_button("Demand this of every release")
