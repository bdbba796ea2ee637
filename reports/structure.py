"""The structure tree, form fields and links as PDF objects, added to pages that were drawn with marks."""

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from reports.styles import FIELD_HEIGHT, FIELD_WIDTH, SANS, fonts
from reports.tagging import Element, FieldMark, LinkMark, Mark, PlacedField, PlacedLink

_UNSIGNED = "Not signed"
_SIGNATURES_EXIST = 1
_PRINT = 4


@dataclass(kw_only=True, eq=False)
class StructureWriter:
    """Writes one document's tree; every mark and every annotation ends up in the parent tree."""

    pdf: pikepdf.Pdf
    fields: dict[str, PlacedField]
    links: list[PlacedLink]
    targets: list[tuple[int, float]]  # page and upper edge of every heading

    def __post_init__(self) -> None:
        """Number the pages first, the annotations behind them, as the parent tree will."""
        self._pages = [page.obj for page in self.pdf.pages]
        self._marks: list[list[pikepdf.Object]] = [[] for _ in self._pages]
        self._annotations: list[pikepdf.Object] = []

    def write(self, root: Element) -> None:
        """Add the tree below ``root`` and everything that hangs on it to the document."""
        tree = self.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        tree.K = self._element(root, tree)
        numbers: list[int | pikepdf.Object] = []
        for index, page in enumerate(self._pages):
            page.StructParents = index
            page.Tabs = Name.S
            if Name.Trans in page:  # an empty transition that the drawing library leaves behind
                del page.Trans
            numbers += [index, self.pdf.make_indirect(Array(self._marks[index]))]
        for offset, parent in enumerate(self._annotations):
            numbers += [len(self._pages) + offset, parent]
        tree.ParentTree = self.pdf.make_indirect(Dictionary(Nums=Array(numbers)))
        tree.ParentTreeNextKey = len(self._pages) + len(self._annotations)
        self.pdf.Root.StructTreeRoot = tree
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)

    def _element(self, element: Element, parent: pikepdf.Object) -> pikepdf.Object:
        made = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{element.role}"), P=parent))
        attributes = _attributes(element)
        if attributes is not None:
            made.A = attributes
        if element.alternative:
            made.Alt = String(element.alternative)
        pages = {kid.page for kid in element.kids if isinstance(kid, Mark)}
        home = min(pages) if pages else None
        if home is not None:
            made.Pg = self._pages[home]
        kids = [self._kid(kid, made, home) for kid in element.kids]
        if len(kids) == 1:
            made.K = kids[0]
        elif kids:
            made.K = Array(kids)
        return made

    def _kid(
        self, kid: Element | Mark | FieldMark | LinkMark, parent: pikepdf.Object, home: int | None
    ) -> pikepdf.Object | int:
        if isinstance(kid, Element):
            return self._element(kid, parent)
        if isinstance(kid, Mark):
            self._mark(kid, parent)
            if kid.page == home:
                return kid.mcid
            return Dictionary(Type=Name.MCR, Pg=self._pages[kid.page], MCID=kid.mcid)
        annotation = self._widget(kid.name) if isinstance(kid, FieldMark) else self._link(kid.index)
        annotation.StructParent = len(self._pages) + len(self._annotations)
        self._annotations.append(parent)
        page = self._pages[kid.page]
        if Name.Annots not in page:
            page.Annots = Array()
        page.Annots.append(annotation)
        return Dictionary(Type=Name.OBJR, Obj=annotation, Pg=page)

    def _mark(self, mark: Mark, parent: pikepdf.Object) -> None:
        slots = self._marks[mark.page]
        while len(slots) <= mark.mcid:
            slots.append(parent)
        slots[mark.mcid] = parent

    def _link(self, index: int) -> pikepdf.Object:
        link = self.links[index]
        page, top = self.targets[link.target]
        return self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=Array(_numbers(link.box)),
                Border=Array([0, 0, 0]),
                F=_PRINT,
                Contents=String(f"Go to: {link.text}"),
                Dest=Array([self._pages[page], Name.XYZ, None, round(top + 8, 2), None]),
            )
        )

    def _widget(self, name: str) -> pikepdf.Object:
        placed = self.fields[name]
        widget = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(name),
                TU=String(placed.tooltip),
                Rect=Array(_numbers(placed.box)),
                F=_PRINT,
                P=self._pages[placed.page],
                AP=Dictionary(N=self._unsigned_appearance(placed)),
            )
        )
        if placed.locks_document:
            widget.Lock = self.pdf.make_indirect(Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=1))
        root = self.pdf.Root
        if Name.AcroForm not in root:
            root.AcroForm = self.pdf.make_indirect(Dictionary(Fields=Array(), SigFlags=_SIGNATURES_EXIST))
        root.AcroForm.Fields.append(widget)
        return widget

    def _unsigned_appearance(self, placed: PlacedField) -> pikepdf.Object:
        """What the field shows until somebody signs; replaced as a whole by the signature's own."""
        face = fonts()[SANS].face.name.decode("ascii")
        resources = self._pages[placed.page].Resources.Font
        key = next(key for key, font in resources.items() if str(font.BaseFont).endswith(f"+{face}"))
        content = f"q 0.31 0.34 0.37 rg BT {key} 9 Tf 10 10 Td ({_UNSIGNED}) Tj ET Q"
        stream = self.pdf.make_stream(content.encode("ascii"))
        stream.Type, stream.Subtype = Name.XObject, Name.Form
        stream.BBox = Array([0, 0, *_numbers((FIELD_WIDTH, FIELD_HEIGHT))])
        stream.Resources = Dictionary(Font=Dictionary({key: resources[key]}))
        return stream


def _attributes(element: Element) -> Dictionary | None:
    table = Dictionary(O=Name.Table)
    if element.scope:
        table.Scope = Name(f"/{element.scope}")
    if element.column_span > 1:
        table.ColSpan = element.column_span
    if len(table.keys()) > 1:
        return table
    if element.list_numbering:
        return Dictionary(O=Name.List, ListNumbering=Name(f"/{element.list_numbering}"))
    if element.box is not None:
        return Dictionary(O=Name.Layout, Placement=Name.Block, BBox=Array(_numbers(element.box)))
    return None


def _numbers(values: tuple[float, ...]) -> list[float]:
    return [round(value, 2) for value in values]
