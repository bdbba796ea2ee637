r"""Names that lie, clash, escape or cannot be stored elsewhere.

The same checks serve archive members, bag manifests and folders. A name is text already: bytes that are not
text in the expected encoding were made visible as ``\xNN`` by ``shown`` before they came here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.core.examination import Severity
from workstation.examine.reader import Notes

MAX_COMPONENT_BYTES = 255
MAX_PATH_BYTES = 4_096
MAX_DEPTH = 32
MAX_LINKS = 10_000
_MAX_LINK_HOPS = 40
_MAX_LINK_DEPTH = 256  # folders; what a link reaches below that, no name check has vouched for
_MAX_LINK_STEPS = 4_096

_PART = r"\.?[\w-]++(?:\.++[\w-]++)*+"
_DRIVE = re.compile(r"[A-Za-z]:")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180e")
_LINE_BREAKS = frozenset("\u2028\u2029")
# Letters of other scripts that cannot be told from Latin ones, and signs that cannot be told from / and \\.
_LIKE_LATIN = frozenset(
    # Cyrillic
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0405\u0406\u0408"
    # Greek
    "\u03bf\u03bd\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
)
_LIKE_SLASH = frozenset("\u2044\u2215\u2216\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c")
_LETTERS = re.compile(r"[^\W\d_]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\..*)?", re.IGNORECASE)
# Most paths: nothing below could say anything about them. What this does not match is looked at in full.
_ORDINARY = re.compile(rf"(?:{_PART}/){{0,{MAX_DEPTH - 1}}}+{_PART}/?", re.ASCII)
_RESERVED_PART = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)", re.IGNORECASE)
_FORBIDDEN = frozenset('<>"|?*')
_MANIFEST = re.compile(
    r"(bagit|bag-info|fetch)\.txt|(tag)?manifest-\w+\.txt|(sha|md5|b2|blake)\w*sums?(\.txt)?|model\.sig",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class NameFlaw:
    """One thing wrong with one name."""

    code: str
    severity: Severity


def shown(raw: bytes, encoding: str = "utf-8") -> tuple[str, bool]:
    r"""The bytes as text, each undecodable one as ``\xNN``, and whether all of them were decodable."""
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        return raw.decode(encoding, "backslashreplace"), False


def plain(path: str) -> str:
    """The path as reported: one leading ``./`` and trailing slashes, both usual in tar, are dropped."""
    return path.removeprefix("./").rstrip("/") or path


def escapes(path: str) -> bool:
    """Whether following ``path`` from a folder can leave that folder, on any system."""
    if path.startswith(("/", "\\")) or _DRIVE.match(path) or "\0" in path:
        return True
    depth = 0
    for component in re.split(r"[/\\]", path):
        if component == "..":
            depth -= 1
            if depth < 0:
                return True
        elif component not in {"", "."}:
            depth += 1
    return False


def flaws(path: str) -> Iterator[NameFlaw]:
    """Everything wrong with one relative path by itself."""
    if len(path) <= MAX_COMPONENT_BYTES and _ORDINARY.fullmatch(path) and not _RESERVED_PART.search(path):
        return
    yield from _place_flaws(path)
    for code, severity in sorted(set(_component_flaws(path.removeprefix("./").rstrip("/")))):
        yield NameFlaw(code=code, severity=severity)
    if len(path.encode("utf-8", "replace")) > MAX_PATH_BYTES:
        yield NameFlaw(code="ARCH:name-too-long", severity=Severity.CAUTION)
    if path.rstrip("/").count("/") >= MAX_DEPTH:
        yield NameFlaw(code="ARCH:path-too-deep", severity=Severity.CAUTION)


def _place_flaws(path: str) -> Iterator[NameFlaw]:
    danger, caution = Severity.DANGER, Severity.CAUTION
    if path.startswith(("\\\\", "//")):
        yield NameFlaw(code="ARCH:unc-path", severity=danger)
    elif path.startswith(("/", "\\")):
        yield NameFlaw(code="ARCH:absolute-path", severity=danger)
    elif _DRIVE.match(path):
        # "C:/x" is somewhere else on one system; "c:x" may also be meant as a stream of the file "c".
        yield NameFlaw(code="ARCH:drive-path", severity=danger if path[2:3] in {"/", "\\"} else caution)
    components = re.split(r"[/\\]", path)
    if ".." in components:
        leaves = escapes(path.lstrip("/\\"))
        code = "ARCH:path-traversal" if leaves else "ARCH:non-canonical-path"
        yield NameFlaw(code=code, severity=danger if leaves else caution)
    if "\0" in path:
        yield NameFlaw(code="ARCH:nul-in-name", severity=danger)
    if "\\" in path and not re.search(r"\\x[0-9a-f]{2}", path):
        yield NameFlaw(code="ARCH:backslash-in-name", severity=caution)
    inner = path.removeprefix("./")
    inner = inner.removesuffix("/")
    if path not in {".", "./"} or not path.endswith("/"):
        parts = inner.lstrip("/").split("/")
        if any(part in {"", "."} for part in parts):
            yield NameFlaw(code="ARCH:non-canonical-path", severity=caution)


def _component_flaws(path: str) -> Iterator[tuple[str, Severity]]:
    for character in set(path):
        code = _character_flaw(character)
        if code:
            is_note = code == "ARCH:windows-forbidden-character"
            yield code, Severity.NOTE if is_note else Severity.CAUTION
    caution = Severity.CAUTION
    for component in path.split("/"):
        if component in {"", ".", ".."}:
            continue
        if not component.isascii() and _looks_like_another(component):
            yield "ARCH:lookalike-in-name", caution
        if _RESERVED.fullmatch(component):
            yield "ARCH:windows-reserved-name", caution
        if component.endswith((".", " ")) or component.startswith(" "):
            yield "ARCH:trailing-dot-or-space", caution
        if ":" in component.rstrip(":"):
            yield "ARCH:alternate-data-stream", caution
        if len(component.encode("utf-8", "replace")) > MAX_COMPONENT_BYTES:
            yield "ARCH:name-too-long", caution


def _looks_like_another(component: str) -> bool:
    """Whether a sign passes for a slash, or a word mixes Latin letters with their doubles elsewhere."""
    if not _LIKE_SLASH.isdisjoint(component):
        return True
    words = _LETTERS.findall(component)
    return any(
        not _LIKE_LATIN.isdisjoint(word) and any(letter.isascii() for letter in word) for word in words
    )


def _character_flaw(character: str) -> str:
    category = unicodedata.category(character)
    if character in _BIDI:
        return "ARCH:bidi-control-in-name"
    if character in _LINE_BREAKS or (category == "Cc" and character != "\0"):
        return "ARCH:control-character-in-name"
    if character in _FILLERS or category == "Cf":
        return "ARCH:invisible-character-lookalike"
    if character in _FORBIDDEN:
        return "ARCH:windows-forbidden-character"
    return "ARCH:unusual-space-in-name" if category == "Zs" and character != " " else ""


def folded(path: str) -> str:
    """What a case-blind, normalising file system makes of the path."""
    if path.isascii() and _ORDINARY.fullmatch(path):
        return plain(path).lower()
    parts = (part.rstrip(". ") or part for part in plain(path).split("/"))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", "/".join(parts)).casefold())


class NameRegister:
    """All names of one package: reports what is wrong with each, with pairs of them, and with links."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._by_fold: dict[str, str] = {}
        self._folders: set[str] = set()
        self._links: dict[str, str] = {}

    def add(self, path: str, *, folder: bool = False) -> None:
        """Take one member's name."""
        for flaw in flaws(path):
            self._notes.add(flaw.code, flaw.severity, path=path)
        name = plain(path)
        if len(name) > 2 * MAX_PATH_BYTES:
            return  # reported as too long; comparing it with others would only cost time
        key = folded(path)
        earlier = self._by_fold.get(key)
        if earlier is None:
            # One text for both where they are alike: there may be half a million.
            self._by_fold[name if key == name else key] = name
            if folder:
                self._folders.add(key)
        elif not (folder and key in self._folders and earlier == name):
            self._clash(name, earlier, folder=folder, earlier_folder=key in self._folders)

    def _clash(self, name: str, earlier: str, *, folder: bool, earlier_folder: bool) -> None:
        normal = unicodedata.normalize
        if folder != earlier_folder:
            code = "ARCH:file-and-folder"
        elif name == earlier:
            code = "ARCH:duplicate-name"
        elif normal("NFC", name) == normal("NFC", earlier):
            code = "ARCH:normalisation-collision"
        elif name.casefold() == earlier.casefold():
            code = "ARCH:case-collision"
        else:
            code = "ARCH:lookalike-collision"
        self._notes.add(code, Severity.CAUTION, earlier, path=name)
        if _MANIFEST.fullmatch(name.rsplit("/", 1)[-1].strip()):
            self._notes.add("ARCH:shadowed-manifest", Severity.CAUTION, earlier, path=name)

    def link(self, path: str, target: str) -> None:
        """Take one symbolic link; judged by ``finish`` when all names are known."""
        if max(len(path), len(target)) > 2 * MAX_PATH_BYTES:
            # No system follows it; unwound by hand it would only cost time.
            self._notes.add("ARCH:symlink-escape", Severity.DANGER, target, path=path)
        elif len(self._links) < MAX_LINKS:
            self._links[plain(path)] = target
        else:
            self._notes.add("ARCH:too-many-members", Severity.DANGER, "symbolic links", path=path)

    def hardlink(self, path: str, target: str) -> None:
        """Take one hard link; its target is a path inside the package."""
        code = "ARCH:hardlink-escape" if escapes(target) else "ARCH:hardlink-inside"
        severity = Severity.DANGER if escapes(target) else Severity.CAUTION
        self._notes.add(code, severity, target, path=path)

    def finish(self) -> None:
        """Judge links and names that lead through links or through files."""
        for path, target in self._links.items():
            verdict = self._follow(path)
            severity = Severity.CAUTION if verdict == "inside" else Severity.DANGER
            self._notes.add(f"ARCH:symlink-{verdict}", severity, target, path=path)
        through = {folded(path) for path in self._links}
        judged: dict[str, str] = {}
        for key, name in self._by_fold.items():
            above = key.rpartition("/")[0]
            code = judged[above] if above in judged else judged.setdefault(above, self._above(above, through))
            if code:
                severity = Severity.DANGER if code == "ARCH:through-symlink" else Severity.CAUTION
                self._notes.add(code, severity, path=name)

    def _above(self, folder: str, through: set[str]) -> str:
        """What is wrong with the way to the members of a folder: the outermost fault, or nothing."""
        for at in [*(index for index, character in enumerate(folder) if character == "/"), len(folder)]:
            part = folder[:at]
            if part in through:
                return "ARCH:through-symlink"
            if part and part in self._by_fold and part not in self._folders:
                return "ARCH:file-and-folder"
        return ""

    def _follow(self, path: str) -> str:
        """Where a link ends: "escape", "loop" or "inside"; one that cannot be followed counts as a loop."""
        todo = path.split("/")[::-1]
        done: list[str] = []
        hops = steps = 0
        while todo:
            part = todo.pop()
            steps += 1
            if steps > _MAX_LINK_STEPS or len(done) > _MAX_LINK_DEPTH:
                return "loop"
            if part in {"", "."}:
                continue
            if part == "..":
                if not done:
                    return "escape"
                done.pop()
                continue
            done.append(part)
            target = self._links.get("/".join(done))
            if target is None:
                continue
            hops += 1
            if hops > _MAX_LINK_HOPS:
                return "loop"
            if target.startswith(("/", "\\")) or _DRIVE.match(target) or "\0" in target:
                return "escape"
            done.pop()
            todo.extend(re.split(r"[/\\]", target)[::-1])
        return "inside"


def unique(path: str, taken: dict[str, int]) -> str:
    """The path, or the path with a number when ``taken`` has it; remembered there."""
    number = taken.get(path, 0) + 1
    chosen = path if number == 1 else f"{path}#{number}"
    while number > 1 and chosen in taken:  # a name from outside may look like one of ours
        number += 1
        chosen = f"{path}#{number}"
    taken[path] = number
    taken[chosen] = max(1, taken.get(chosen, 0))
    return chosen
