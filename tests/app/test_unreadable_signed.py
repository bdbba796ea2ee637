"""Bad sectors under what speaks of other bytes: a signature over files, the list of a zip's members."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.app import test_unreadable
from tests.app.test_unreadable import FILES, WEIGHTS, receive, require_the_rest, stored
from tests.examine.signatures import bundles
from tests.examine.signatures.signed_samples import keys
from tests.helpers.bad_sectors import BLOCK_BYTES, disk_with_bad_sectors
from workstation.core.examination import Coverage, Outcome
from workstation.core.packages import Fixity, PackageState
from workstation.core.values import CaseId
from workstation.demo.story import Story
from workstation.examine import package

case_id, story = test_unreadable.case_id, test_unreadable.story  # fixtures
LEANS = "FILE_LEANS_ON_UNREADABLE"


def signed() -> bytes:
    """An OpenSSF signature over all files."""
    key = keys()["p256"]
    return json.dumps(bundles.bundle(bundles.statement(FILES), key, bundles.hint(key))).encode()


@pytest.mark.parametrize("failing", [{"weights.bin": 0}, {"weights.bin": 5}, {"weights.bin": 9}, {}])
def test_a_signature_over_unreadable_bytes_is_neither_verified_nor_broken(
    story: Story, case_id: CaseId, tmp_path: Path, failing: dict[str, int]
) -> None:
    """At the first, a middle or the last block: the signature is inconclusive and names that file."""
    files = FILES | {"model.sig": signed()}
    with disk_with_bad_sectors(tmp_path, files, failing) as folder:
        told = package.examine_path(folder)
        received = receive(story, case_id, folder)
    signature = stored(story, received)["model.sig"]
    codes = {finding.code for finding in signature.findings}
    seen = {finding.code for finding in told.findings if finding.path == "model.sig"}
    if not failing:
        assert LEANS not in codes | seen
        assert codes == seen
        return
    assert signature.coverage is Coverage.INCONCLUSIVE
    assert codes == seen == {LEANS}
    assert [finding.detail for finding in signature.findings] == ["weights.bin"]
    assert told.outcome is received.outcome is Outcome.WARN
    require_the_rest(stored(story, received), FILES, "weights.bin")


def test_a_bad_sector_in_the_list_of_a_zip_keeps_the_zip(
    story: Story, case_id: CaseId, tmp_path: Path
) -> None:
    """Without its central directory a zip has no members: it is kept as far as it was read."""
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.txt", WEIGHTS[:100])
    content = packed.read_bytes()
    block = content.index(b"PK\x01\x02") // BLOCK_BYTES + 1
    with disk_with_bad_sectors(tmp_path, {"packed.zip": content}, {"packed.zip": block}) as folder:
        told = package.examine_path(folder / "packed.zip")
        received = receive(story, case_id, folder / "packed.zip")
    (only,) = stored(story, received).values()
    assert (only.untrusted_path, only.fixity) == ("packed.zip", Fixity.UNREADABLE)
    assert (only.size_bytes, only.coverage) == (len(content), Coverage.INCONCLUSIVE)
    assert [finding.code for finding in told.findings] == ["FILE_UNREADABLE"]
    assert [finding.code for finding in only.findings] == ["FILE_UNREADABLE"]
    assert (received.state, told.outcome) == (PackageState.QUARANTINED, Outcome.WARN)
