"""Tables: widths by share, headers repeated on every page, each cell one element of the structure."""

from functools import partial

from reports.bands import Cell, Look, band, items, paint_cells, text_fragments
from reports.layout import Fragment
from reports.styles import (
    CAPTION,
    CELL,
    CELL_DIGEST,
    CELL_HEAD,
    CELL_STRONG,
    LEFT,
    RULE,
    RULE_STRONG,
    WIDTH,
)
from reports.tagging import Element, Painter
from reports.text import set_name, set_text
from workstation.core.report import Align, Column, Fact, KeyValues, Row, Table, TextStyle

_GUTTER = 12.0
_PADDING = 4.6
_LABEL_WIDTH = 150.0
_SHORT_TABLE_PT = 190.0
_SHORT_ROW_PT = 90.0
_STYLES = {TextStyle.BODY: CELL, TextStyle.STRONG: CELL_STRONG, TextStyle.DIGEST: CELL_DIGEST}
_ROW_LOOK = Look(above=_PADDING, below=_PADDING, rule=(RULE, 0.5), rule_from=LEFT, rule_to=LEFT + WIDTH)
COMPACT_LOOK = Look(above=2.8, below=2.8, rule=(RULE, 0.5), rule_from=LEFT, rule_to=LEFT + WIDTH)
_HEAD_LOOK = Look(above=5.0, below=5.0, rule=(RULE_STRONG, 1.1), rule_from=LEFT, rule_to=LEFT + WIDTH)


def _kept(fragments: list[Fragment]) -> list[Fragment]:
    """Keep a short table on one page, and of a long one no row alone at its beginning or end."""
    if sum(part.height for part in fragments) <= _SHORT_TABLE_PT:
        glued = fragments[:-1]
    else:
        glued = fragments[-2:-1] if fragments[-1].height <= _SHORT_ROW_PT else []
    for part in glued:
        part.keep_with_next = True
    return fragments


def lay_table(table: Table, parent: Element) -> list[Fragment]:
    """A whole table as fragments: caption, header, rows."""
    element = parent.add("Table")
    made = _caption(table.caption, table.portion, element)
    edges = _edges(table.columns)
    head = element.add("THead").add("TR")
    header, repeated = _header(table.columns, edges, head)
    header[0].gap = 0.0 if made else 12.0
    made += header
    body = element.add("TBody")
    for row in table.rows:
        made += _row(row, table.columns, edges, body.add("TR"), repeated)
    if not table.rows:
        made += _empty(table, body.add("TR"))
    return _kept(made)


def lay_key_values(block: KeyValues, parent: Element, look: Look = _ROW_LOOK) -> list[Fragment]:
    """Labels and values as a table whose first column heads its rows."""
    element = parent.add("Table")
    made = _caption(block.caption, "", element)
    body = element.add("TBody")
    for number, fact in enumerate(block.facts):
        fragments = _fact(fact, body.add("TR"), look)
        if not made and not number:
            fragments[0].gap = 8.0
        made += fragments
    return _kept(made) if made else []


def _caption(text: str, portion: str, table: Element) -> list[Fragment]:
    if not text:
        return []
    lines = set_name(text, CAPTION, WIDTH, portion=portion)
    return text_fragments(items(lines, table.add("Caption"), CAPTION), LEFT, gap=14.0, keep=True)


def _edges(columns: tuple[Column, ...]) -> list[tuple[float, float]]:
    """Left edge and width of every column."""
    whole = sum(column.share for column in columns)
    room = WIDTH - _GUTTER * (len(columns) - 1)
    edges, x = [], LEFT
    for column in columns:
        width = max(room * column.share / whole, 1.0)
        edges.append((x, width))
        x += width + _GUTTER
    return edges


def _header(
    columns: tuple[Column, ...], edges: list[tuple[float, float]], row: Element
) -> tuple[list[Fragment], Fragment | None]:
    """The header as content, and once more as the artifact that heads every further page."""
    cells = []
    for column, (x, width) in zip(columns, edges, strict=True):
        cell = row.add("TH")
        cell.scope = "Column"
        own = items(set_name(column.header, CELL_HEAD, width), cell, CELL_HEAD)
        cells.append(Cell(x=x, width=width, items=own, align=column.align))
    fragments = band(cells, _HEAD_LOOK)
    for part in fragments:
        part.keep_with_next = True
    if len(fragments) > 1:  # taller than three inches: repeating it would leave no room for rows
        return fragments, None
    again = partial(_paint_again, cells, fragments[0].height)
    return fragments, Fragment(height=fragments[0].height, paint=again)


def _paint_again(cells: list[Cell], height: float, painter: Painter, top: float) -> None:
    painter.artifact("Pagination")
    painter.rule(LEFT, top - height, LEFT + WIDTH, top - height, colour=RULE_STRONG, width=1.1)
    with painter.repeating():
        paint_cells(painter, cells, top - _HEAD_LOOK.above)


def _row(
    row: Row,
    columns: tuple[Column, ...],
    edges: list[tuple[float, float]],
    parent: Element,
    repeated: Fragment | None,
) -> list[Fragment]:
    cells = []
    for number, (text, column, (x, width)) in enumerate(zip(row.cells, columns, edges, strict=True)):
        cell = parent.add("TH" if column.is_row_header else "TD")
        cell.scope = "Row" if column.is_row_header else ""
        style = _STYLES[column.style]
        portion = row.portion if number == 0 else ""
        set_cell = set_text if column.prose else set_name
        lines = set_cell(text, style, width, portion=portion, strong=CELL_STRONG)
        cells.append(Cell(x=x, width=width, items=items(lines, cell, style), align=column.align))
    fragments = band(cells, _ROW_LOOK)
    for fragment in fragments:
        fragment.repeat = repeated
    return fragments


def _empty(table: Table, row: Element) -> list[Fragment]:
    cell = row.add("TD")
    cell.column_span = len(table.columns)
    lines = set_name(table.empty_text, CELL, WIDTH, portion=table.portion, strong=CELL_STRONG)
    return band([Cell(x=LEFT, width=WIDTH, items=items(lines, cell, CELL))], _ROW_LOOK)


def _fact(fact: Fact, row: Element, look: Look) -> list[Fragment]:
    label, value = row.add("TH"), row.add("TD")
    label.scope = "Row"
    style, x = _STYLES[fact.style], LEFT + _LABEL_WIDTH + _GUTTER
    room = LEFT + WIDTH - x
    left = set_name(fact.label, CELL_STRONG, _LABEL_WIDTH)
    right = set_name(fact.value, style, room, portion=fact.portion, strong=CELL_STRONG)
    return band(
        [
            Cell(x=LEFT, width=_LABEL_WIDTH, items=items(left, label, CELL_STRONG), align=Align.LEFT),
            Cell(x=x, width=room, items=items(right, value, style)),
        ],
        look,
    )
