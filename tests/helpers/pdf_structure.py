"""Reading a PDF back as a screen reader or a checker would: structure, marks, text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf
import pypdfium2

DRAWS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "EI"}


@dataclass
class Node:
    """One structure element read back."""

    role: str
    alternative: str = ""
    scope: str = ""
    marks: list[tuple[int, int]] = field(default_factory=list)
    objects: list[pikepdf.Object] = field(default_factory=list)
    kids: list["Node"] = field(default_factory=list)
    raw: pikepdf.Object | None = None

    def walk(self) -> Iterator["Node"]:
        """The node itself and everything below it, in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def find(self, role: str) -> list["Node"]:
        """Every node of one role."""
        return [node for node in self.walk() if node.role == role]


def page_numbers(pdf: pikepdf.Pdf) -> dict[tuple[int, int], int]:
    """The number of a page by its object."""
    return {page.obj.objgen: number for number, page in enumerate(pdf.pages)}


def structure(pdf: pikepdf.Pdf) -> Node:
    """The whole tree below the root."""
    return _node(pdf.Root.StructTreeRoot.K, page_numbers(pdf))


def _node(raw: pikepdf.Object, pages: dict[tuple[int, int], int]) -> Node:
    attributes = raw.get("/A", pikepdf.Dictionary())
    node = Node(
        role=str(raw.S)[1:],
        alternative=str(raw.get("/Alt", "")),
        scope=str(attributes.get("/Scope", ""))[1:],
        raw=raw,
    )
    kids = raw.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            node.marks.append((pages[raw.Pg.objgen], kid))
        elif kid.get("/Type") == pikepdf.Name.MCR:
            node.marks.append((pages[kid.Pg.objgen], int(kid.MCID)))
        elif kid.get("/Type") == pikepdf.Name.OBJR:
            node.objects.append(kid.Obj)
        else:
            node.kids.append(_node(kid, pages))
    return node


def drawn_marks(pdf: pikepdf.Pdf) -> tuple[dict[tuple[int, int], str], list[str]]:
    """Every (page, MCID) with the tag it was drawn under, and every drawing outside of any mark."""
    marks: dict[tuple[int, int], str] = {}
    loose: list[str] = []
    for number, page in enumerate(pdf.pages):
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name == "BDC":
                depth += 1
                if "/MCID" in operands[1]:
                    marks[number, int(operands[1].MCID)] = str(operands[0])[1:]
            elif name == "EMC":
                depth -= 1
            elif name in DRAWS and depth != 1:
                loose.append(f"page {number}: {name} at depth {depth}")
        assert depth == 0
    return marks, loose


def parent_tree(pdf: pikepdf.Pdf) -> dict[int, pikepdf.Object]:
    """The parent tree as a dictionary."""
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    return dict(zip((int(key) for key in numbers[::2]), numbers[1::2], strict=True))


def page_texts(document: bytes) -> list[str]:
    """The text of every page as an independent reader extracts it."""
    with pypdfium2.PdfDocument(document) as opened:
        return [page.get_textpage().get_text_range() for page in opened]


def squeezed(text: str) -> str:
    """Text without any white space, for strings that were broken over lines."""
    return "".join(text.split())


def element_texts(pdf: pikepdf.Pdf) -> dict[tuple[int, int], str]:
    """The text under every mark, through the fonts' own Unicode maps."""
    found: dict[tuple[int, int], str] = {}
    for number, page in enumerate(pdf.pages):
        maps = {str(key): _unicode_map(font) for key, font in page.Resources.Font.items()}
        current: tuple[int, int] | None = None
        codes: dict[int, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name == "BDC":
                current = (number, int(operands[1].MCID)) if "/MCID" in operands[1] else None
            elif name == "Tf":
                codes = maps[str(operands[0])]
            elif name == "Tj" and current is not None:
                text = "".join(codes[code] for code in bytes(operands[0]))
                found[current] = found.get(current, "") + text
    return found


def _unicode_map(font: pikepdf.Object) -> dict[int, str]:
    codes: dict[int, str] = {}
    inside = False
    for line in font.ToUnicode.read_bytes().decode("ascii").splitlines():
        if "beginbfrange" in line or "beginbfchar" in line:
            inside = True
        elif "endbf" in line:
            inside = False
        elif inside:
            parts = line.replace("[", " ").replace("]", " ").replace("><", "> <").split()
            values = [part.strip("<>") for part in parts]
            first = int(values[0], 16)
            targets = values[2:] if len(values) > 2 else values[1:]
            for offset, target in enumerate(targets):
                codes[first + offset] = bytes.fromhex(target).decode("utf-16-be")
    return codes


def pdf_text(pdf: bytes) -> str:
    """All text of a document."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
