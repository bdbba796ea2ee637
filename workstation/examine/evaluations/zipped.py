"""An evaluation log that is a zip archive, opened to be browsed: whole, or up to where it breaks off."""

from workstation.examine.archives.cut_off import CutOffArchive
from workstation.examine.archives.zips import ZipArchive
from workstation.examine.evaluations import facts
from workstation.examine.evaluations.inspect_zip import MAX_ENTRIES
from workstation.examine.reader import Notes, Source, Unreadable


def opened(source: Source) -> tuple[ZipArchive, Unreadable | None]:
    """The archive, and why there is no more of it.

    Raises:
        Unreadable: there is no usable archive and not one sample before the break.
    """
    try:
        return ZipArchive(source, Notes(), max_entries=MAX_ENTRIES), None
    except Unreadable as reason:
        if reason.code != "ARCH_CORRUPT":
            raise
        cut = CutOffArchive(source, max_entries=MAX_ENTRIES)
        if not any(facts.is_sample_name(entry.name) for entry in cut.entries):
            raise
        return cut, Unreadable("EVAL_TRUNCATED", f"ends at byte {cut.ends_at}; {reason.detail}")
