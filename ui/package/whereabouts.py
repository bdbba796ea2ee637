"""Where a person is in a document: the way of looking, the page, the byte, the row."""

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.core.viewing import BYTES_A_PAGE, Form, MemberRow, Place, SampleRow, TensorRow

PAGED = frozenset({Form.PICTURE, Form.TEXT})


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is chosen on screen: a row of each table, the bytes of the selected lines."""

    tensor: TensorRow | None = None
    sample: SampleRow | None = None
    member: MemberRow | None = None
    span: tuple[int, int] | None = None


@dataclass(kw_only=True)
class Content:
    """The place on screen. Pages, bytes and rows count from 0."""

    form: Form = Form.BYTES
    size_bytes: int = 0
    page: int = 0
    pages: int = 0  # 0 until counted
    byte: int = 0
    span: tuple[int, int] | None = None  # the bytes an answer's evidence names, until they are shown
    name: str = ""  # the tensor or sample an answer's evidence names, or the member come back from
    wanted: str = ""  # the text last searched for
    sample: SampleRow | None = None
    samples_shown: int = 0  # or gone through, where they are looked for
    sample_filter: str = ""
    next_turn: int | None = None
    tensor_filter: str = ""
    next_tensor: int | None = 0
    member_filter: str = ""
    next_member: int | None = 0

    def go_to(self, place: Place) -> None:
        """Where an answer's evidence points."""
        self.page, self.name = place.page, place.name
        self.span = place.span if place.form is Form.BYTES else None
        self.byte = min(place.span[0], max(0, self.size_bytes - 1)) // 16 * 16

    def place(self, chosen: Chosen, inside: tuple[str, ...]) -> Place | None:
        """The place on screen as evidence names it; None where a row has to be chosen first."""
        if self.form in PAGED:
            return Place(form=self.form, page=self.page, inside=inside)
        if self.form is Form.MEMBERS:
            way = (*inside, chosen.member.untrusted_name) if chosen.member else inside
            return Place(form=Form.MEMBERS, inside=way) if way else None
        if self.form is Form.TENSORS:
            row = chosen.tensor
            return Place(form=self.form, name=row.untrusted_name, inside=inside) if row else None
        if self.form is Form.SAMPLES:
            sample = chosen.sample
            name = sample.untrusted_id or sample.key if sample else ""
            return Place(form=self.form, name=name, inside=inside) if sample else None
        first, last = chosen.span or (0, BYTES_A_PAGE - 1)
        end = max(0, self.size_bytes - 1)
        span = min(self.byte + first, end), min(self.byte + last, end)
        return Place(form=Form.BYTES, span=span, inside=inside)


def place_of(place: Place, forms: Sequence[Form]) -> Form:
    """The way of looking that shows a place: a page as a picture where the file has pictures."""
    if place.form in PAGED:
        return next((form for form in forms if form in PAGED), forms[0])
    return place.form if place.form in forms else forms[0]
