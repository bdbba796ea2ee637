"""The items after the classification: what each one is, whether it is written right, and where it belongs."""

import difflib
import re

from workstation.core.markings.model import (
    HVSACO,
    MULTIPLE_PROGRAMS,
    AtomicEnergy,
    Compartment,
    Kind,
    Profile,
    Program,
    sort_countries,
    sort_programs,
)
from workstation.core.markings.reading import Category, Reader, Reading, read_countries
from workstation.core.markings.vocabulary import AeaEntry, ControlEntry, Level, SciEntry

MAX_BANNER_PROGRAMS = 4
MAX_SIGMA = 99
_SIGMA = re.compile(r"(SIGMA|SG) ([0-9 ]+)")
_PROGRAM = re.compile(r"[A-Z0-9]+(?: [A-Z0-9]+)*(?:-[A-Z0-9]+(?: [A-Z0-9]+)*)*")
_NICKNAME = re.compile(r"[A-Z0-9_]+(?: [A-Z0-9_]+)*")
_SAR = ("SAR-", "SPECIAL ACCESS REQUIRED-")


def read_groups(reading: Reading, groups: list[str]) -> None:
    """Read every group after the classification, noting order, mixing and repetition."""
    if reading.draft.level is Level.CUI and reading.profile is not Profile.NARA_CUI:
        if groups:
            reading.notes.add("MRK-150", groups[0])
        return
    seen: list[Category] = []
    for group in (_without_eyes(reading, group) for group in groups):
        category: Category | None = None
        found: list[Category] = []
        for item in group.split("/"):
            if not item:
                reading.notes.add("MRK-108", "/")
                continue
            category = _read_item(reading, item.strip(), category)
            if category is not None:
                found.append(category)
        if len(set(found)) > 1:
            reading.notes.add("MRK-122", group)
        for category in dict.fromkeys(found):
            if category in seen:
                reading.notes.add("MRK-121", group)
            elif seen and category < max(seen):
                reading.notes.add("MRK-120", group)
            seen.append(category)
    _note_order(reading)


def _read_item(reading: Reading, item: str, before: Category | None) -> Category | None:
    """The category of one item, or None when it is nothing known."""
    cui: tuple[Reader, ...] = (_cui_limit, _lists, _cui_category)
    others: tuple[Reader, ...] = (_lists, _control, _aea, _fgi, _sap, _more_programs, _sci)
    for reader in cui if reading.profile is Profile.NARA_CUI else others:
        category = reader(reading, item, before)
        if category is not None:
            return category
    if item == "CUI":
        reading.notes.add("MRK-151", item)
        if reading.draft.level is Level.UNCLASSIFIED:
            reading.draft.level = Level.CUI
        return None
    like = _similar(reading, item)
    reading.notes.add("MRK-159" if like else "MRK-118", item)
    return _read_item(reading, like, before) if like else None


def _similar(reading: Reading, item: str) -> str:
    """A word of the vocabulary, in the form asked for, that the item is probably a slip for."""
    if reading.profile is Profile.NARA_CUI or item.startswith(("REL", "DISPLAY", "FGI", "SAR")):
        return ""
    words_of = reading.vocabulary
    entries: list[AeaEntry | ControlEntry] = [*words_of.aea.values(), *words_of.controls.values()]
    words = [entry.id if reading.banner else entry.portion for entry in entries]
    found = difflib.get_close_matches(item.replace(" ", ""), words, n=1, cutoff=0.8)
    return found[0] if found and found[0] != item else ""


def _without_eyes(reading: Reading, group: str) -> str:
    """The retired ``USA/GBR EYES ONLY`` as the REL TO list it has become."""
    match = re.search(r"\b([A-Z]{3}(?:/[A-Z]{3})+) EYES(?: ONLY)?", group)
    if not match:
        return group
    reading.notes.add("MRK-132", match[0])
    codes = sort_countries(reading.vocabulary, match[1].split("/"), usa_first=True)
    return group.replace(match[0], "REL TO " + ", ".join(codes))


def _form(reading: Reading, item: str, banner: tuple[str, ...], portion: str) -> bool:
    """Whether the item is this word in either form, the wrong form noted."""
    wrong, rule = ((portion,), "MRK-116") if reading.banner else (banner, "MRK-117")
    right = banner if reading.banner else (portion,)
    if item in right:
        return True
    if item in wrong:
        reading.notes.add(rule, item)
        return True
    return False


def _lists(reading: Reading, item: str, before: Category | None) -> Category | None:
    """REL TO and DISPLAY ONLY with their countries, the bare REL, and the retired EYES ONLY."""
    draft, notes = reading.draft, reading.notes
    rel = re.fullmatch(r"(REL TO|AUTHORIZED FOR RELEASE TO|REL)(?: (.*))?", item)
    if rel:
        _note_repeat(reading, item, repeated=bool(draft.rel_to) or draft.rel_as_banner)
        reading.order.append("REL TO")
        codes = read_countries(reading, rel[2] or "", ", ")
        if rel[1] == "REL" and rel[2]:
            notes.add("MRK-125", item)
        if not codes and (reading.banner or rel[1] != "REL"):
            notes.add("MRK-131", item)
        draft.rel_to, draft.rel_as_banner = codes, not codes and not reading.banner
        _note_rel_order(reading, codes)
        return Category.DISSEM
    if item == "DISPLAY ONLY" or item.startswith("DISPLAY ONLY "):
        _note_repeat(reading, item, repeated=bool(draft.display_only))
        reading.order.append("DISPLAY ONLY")
        codes = read_countries(reading, item.removeprefix("DISPLAY ONLY").strip(), ", ")
        if not codes:
            notes.add("MRK-131", item)
        if "USA" in codes:
            notes.add("MRK-130", "USA")
        elif list(sort_countries(reading.vocabulary, codes)) != codes:
            notes.add("MRK-126", item)
        draft.display_only = [code for code in codes if code != "USA"]
        return Category.DISSEM
    if item in {"EYES", "EYES ONLY"}:
        notes.add("MRK-132", item)
        notes.add("MRK-131", item)
        return Category.DISSEM
    if before is Category.DISSEM and reading.vocabulary.knows(item) and (draft.rel_to or draft.display_only):
        notes.add("MRK-125", item)
        (draft.rel_to or draft.display_only).append(item)
        return Category.DISSEM
    return None


def _note_rel_order(reading: Reading, codes: list[str]) -> None:
    ordered = list(sort_countries(reading.vocabulary, codes, usa_first=True))
    if codes and "USA" not in codes:
        reading.notes.add("MRK-127", codes[0])
    elif codes and codes[0] != "USA":
        reading.notes.add("MRK-128", codes[0])
    elif ordered != codes:
        reading.notes.add("MRK-126", next(a for a, b in zip(codes, ordered, strict=True) if a != b))


def _control(reading: Reading, item: str, before: Category | None) -> Category | None:
    """A dissemination control that stands alone, IC or other, or ACCM with its nicknames."""
    draft = reading.draft
    for entry in reading.vocabulary.controls.values():
        if entry.list or not _form(reading, item, (entry.id, *entry.titles), entry.portion):
            continue
        names = draft.dissem if entry.id in reading.vocabulary.dissem else draft.other
        _note_repeat(reading, item, repeated=entry.id in names)
        names.append(entry.id)
        if names is draft.dissem:
            reading.order.append(entry.id)
        return Category.DISSEM if names is draft.dissem else Category.OTHER
    if item.startswith("ACCM-") or (before is Category.OTHER and draft.accm and not draft.other):
        nickname = item.removeprefix("ACCM-")
        if not _NICKNAME.fullmatch(nickname):
            reading.notes.add("MRK-118", item)
            return Category.OTHER
        _note_repeat(reading, item, repeated=nickname in draft.accm)
        draft.accm.append(nickname)
        return Category.OTHER
    return None


def _aea(reading: Reading, item: str, _before: Category | None) -> Category | None:
    for entry in reading.vocabulary.aea.values():
        for word in sorted((entry.portion, entry.id, *entry.titles), key=len, reverse=True):
            if item == word or item.startswith(f"{word}-"):
                _form(reading, word, (entry.id, *entry.titles), entry.portion)
                marking = _aea_parts(reading, entry, item, item[len(word) :].strip("-"))
                _note_repeat(reading, item, repeated=any(m.name == entry.id for m in reading.draft.aea))
                reading.draft.aea.append(marking)
                return Category.AEA
    return None


def _aea_parts(reading: Reading, entry: AeaEntry, item: str, tail: str) -> AtomicEnergy:
    """CNWDI (also written N) and then SIGMA with its numbers, each only where the marking has it."""
    parts, cnwdi, sigmas = tail.split("-") if tail else [], False, list[int]()
    for part in parts:
        sigma = _SIGMA.fullmatch(part)
        if (
            part in {"N", "CNWDI", "CRITICAL NUCLEAR WEAPON DESIGN INFORMATION"}
            and entry.cnwdi
            and not (cnwdi or sigmas)
        ):
            cnwdi = True
        elif sigma and entry.sigma and not sigmas:
            if (sigma[1] == "SG") is reading.banner:
                reading.notes.add("MRK-116" if reading.banner else "MRK-117", part)
            sigmas = [int(number) for number in sigma[2].split()]
            if not all(1 <= number <= MAX_SIGMA for number in sigmas):
                reading.notes.add("MRK-136", part)
            elif sorted(set(sigmas)) != sigmas:
                reading.notes.add("MRK-123", part)
        else:
            reading.notes.add("MRK-137", item)
    kept = tuple(sorted({number for number in sigmas if 1 <= number <= MAX_SIGMA}))
    return AtomicEnergy(name=entry.id, cnwdi=cnwdi, sigmas=kept)


def _fgi(reading: Reading, item: str, before: Category | None) -> Category | None:
    if before is Category.FGI and reading.draft.fgi and reading.vocabulary.knows(item):
        reading.notes.add("MRK-125", item)
        reading.draft.fgi.append(item)
        return Category.FGI
    match = re.fullmatch(r"(?:FGI|FOREIGN GOVERNMENT INFORMATION)(?: (.*))?", item)
    if not match:
        return None
    codes = read_countries(reading, match[1] or "", " ")
    if "USA" in codes:
        reading.notes.add("MRK-130", "USA")
    elif list(sort_countries(reading.vocabulary, codes)) != codes:
        reading.notes.add("MRK-126", item)
    _note_repeat(reading, item, repeated=reading.draft.fgi is not None)
    # Information of the United States alone is not foreign: nothing is concealed by leaving FGI out.
    reading.draft.fgi = None if codes == ["USA"] else [code for code in codes if code != "USA"]
    return Category.FGI


def _sap(reading: Reading, item: str, _before: Category | None) -> Category | None:
    if item == HVSACO:
        _note_repeat(reading, item, repeated=reading.draft.hvsaco)
        reading.draft.hvsaco = True
        return Category.SAP
    prefix = next((prefix for prefix in _SAR if item.startswith(prefix)), None)
    if prefix is None:
        return None
    if prefix != "SAR-" and reading.kind is Kind.PORTION:
        reading.notes.add("MRK-117", prefix)
    _add_program(reading, item.removeprefix(prefix))
    return Category.SAP


def _more_programs(reading: Reading, item: str, before: Category | None) -> Category | None:
    """Within the SAP group, each further item is a program: the SAR indicator stands once."""
    if before is not Category.SAP or not reading.draft.sap:
        return None
    _add_program(reading, item)
    return Category.SAP


def _add_program(reading: Reading, text: str) -> None:
    if not _PROGRAM.fullmatch(text):
        reading.notes.add("MRK-138", text or "SAR-")
        return
    name, *parts = text.split("-")
    program = Program(name=name, compartments=tuple(_compartment(part) for part in parts))
    _note_repeat(reading, text, repeated=any(known.name == name for known in reading.draft.sap))
    reading.draft.sap.append(program)
    names = [known.name for known in reading.draft.sap]
    if reading.banner and len(names) > MAX_BANNER_PROGRAMS:
        reading.notes.add("MRK-139", text)
    if MULTIPLE_PROGRAMS in names and not (reading.banner and len(names) == 1):
        reading.notes.add("MRK-138", text)
    _note_sorted(reading, text, program)


def _compartment(text: str) -> Compartment:
    name, *subs = text.split(" ")
    return Compartment(name=name, subs=tuple(subs))


def _note_sorted(reading: Reading, text: str, program: Program) -> None:
    if sort_programs([program])[0] != program:
        reading.notes.add("MRK-135", text)


def _sci(reading: Reading, item: str, _before: Category | None) -> Category | None:
    words = reading.vocabulary.data.sci
    for entry in words:
        for word in sorted({entry.id, *entry.titles}, key=len, reverse=True):
            if item != word and not item.startswith((f"{word}-", f"{word} ")):
                continue
            if word != entry.portion and reading.kind is Kind.PORTION:
                reading.notes.add("MRK-117", word)
            tail = item[len(word) :]
            if tail.startswith(" "):
                reading.notes.add("MRK-133", item)
            parts = tail[1:].split("-") if tail else []
            program = Program(name=entry.id, compartments=tuple(_sci_part(reading, entry, p) for p in parts))
            _note_repeat(reading, item, repeated=any(known.name == entry.id for known in reading.draft.sci))
            _note_sorted(reading, item, program)
            if entry.needs_compartment and not parts:
                reading.notes.add("MRK-134", item)
            reading.draft.sci.append(program)
            return Category.SCI
    return None


def _sci_part(reading: Reading, entry: SciEntry, text: str) -> Compartment:
    """One compartment with its sub-compartments, spelled by its identifier."""
    for known in entry.compartments:
        for word in sorted({known.id, known.portion, *known.titles}, key=len, reverse=True):
            if text == word or text.startswith(f"{word} "):
                _form(reading, word, (known.id, known.portion, *known.titles), known.portion)
                compartment = Compartment(name=known.id, subs=tuple(text[len(word) :].split()))
                _note_shape(reading, compartment, known.subcompartments)
                return compartment
    compartment = _compartment(text)
    opened = entry.open_compartments
    if opened is None or not re.fullmatch(opened.pattern, compartment.name):
        reading.notes.add("MRK-133", text)
    else:
        _note_shape(reading, compartment, opened.subcompartments)
    return compartment


def _note_shape(reading: Reading, compartment: Compartment, pattern: str) -> None:
    for sub in compartment.subs:
        if not pattern or not re.fullmatch(pattern, sub):
            reading.notes.add("MRK-133", sub)


def _cui_limit(reading: Reading, item: str, _before: Category | None) -> Category | None:
    for limit in reading.vocabulary.cui_limits.values():
        if _form(reading, item, (limit.id,), limit.portion):
            _note_repeat(reading, item, repeated=limit.id in reading.draft.dissem)
            reading.draft.dissem.append(limit.id)
            return Category.DISSEM
    return None


def _cui_category(reading: Reading, item: str, _before: Category | None) -> Category | None:
    name, draft = item.removeprefix("SP-"), reading.draft
    entry = reading.vocabulary.cui_categories.get(name)
    if entry is None:
        reading.notes.add("MRK-153", item)
        return Category.CUI
    specified = item.startswith("SP-")
    if entry.specified_only and not specified:
        reading.notes.add("MRK-154", item)
    names = draft.cui_specified if specified or entry.specified_only else draft.cui_basic
    if specified and draft.cui_basic:
        reading.notes.add("MRK-123", item)
    _note_repeat(reading, item, repeated=name in draft.cui_specified or name in draft.cui_basic)
    names.append(name)
    return Category.CUI


def _note_repeat(reading: Reading, item: str, *, repeated: bool) -> None:
    if repeated:
        reading.notes.add("MRK-124", item)


def _note_order(reading: Reading) -> None:
    """Within a category the order of the register, or of the alphabet, is kept."""
    draft, ranks = reading.draft, reading.vocabulary.ranks
    by_name = [[p.name for p in draft.sci], [p.name for p in draft.sap], draft.cui_specified, draft.cui_basic]
    by_rank = [[marking.name for marking in draft.aea], reading.order, draft.other]
    keyed = [(names, list(names)) for names in by_name]
    for names, keys in [*keyed, *((names, [f"{ranks[name]:03}" for name in names]) for names in by_rank)]:
        late = next((i for i in range(1, len(keys)) if keys[i] < keys[i - 1]), None)
        if late is not None:
            reading.notes.add("MRK-123", names[late])
