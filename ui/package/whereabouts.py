"""Where a person is in a document: the way of looking, the page, the byte, the row."""

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.core.viewing import BYTES_A_PAGE, Form, Place, SampleRow, TensorRow

PAGED = frozenset({Form.PICTURE, Form.TEXT})


@dataclass(kw_only=True)
class Content:
    """The place on screen. Pages, bytes and rows count from 0."""

    form: Form = Form.BYTES
    size_bytes: int = 0
    page: int = 0
    pages: int = 0  # 0 until counted
    byte: int = 0
    name: str = ""  # the tensor or sample an answer's evidence names
    wanted: str = ""  # the text last searched for
    sample: SampleRow | None = None
    samples_shown: int = 0
    next_turn: int | None = None
    tensor_filter: str = ""
    next_tensor: int | None = 0

    def go_to(self, place: Place) -> None:
        """Where an answer's evidence points."""
        self.page, self.name = place.page, place.name
        self.byte = min(place.span[0], max(0, self.size_bytes - 1)) // 16 * 16

    def place(
        self, tensor: TensorRow | None, sample: SampleRow | None, span: tuple[int, int] | None
    ) -> Place | None:
        """The place on screen as evidence names it; None where a row has to be chosen first."""
        if self.form in PAGED:
            return Place(form=self.form, page=self.page)
        if self.form is Form.TENSORS:
            return Place(form=self.form, name=tensor.untrusted_name) if tensor else None
        if self.form is Form.SAMPLES:
            return Place(form=self.form, name=sample.untrusted_id or sample.key) if sample else None
        first, last = span or (0, BYTES_A_PAGE - 1)
        end = max(0, self.size_bytes - 1)
        return Place(form=Form.BYTES, span=(min(self.byte + first, end), min(self.byte + last, end)))


def place_of(place: Place, forms: Sequence[Form]) -> Form:
    """The way of looking that shows a place: a page as a picture where the file has pictures."""
    if place.form in PAGED:
        return next((form for form in forms if form in PAGED), forms[0])
    return place.form if place.form in forms else forms[0]
