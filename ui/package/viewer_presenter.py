"""One file of the package on screen, without widgets: what the examination said first, then its content.

Content is asked for in a thread of its own, one look at a time; of the looks wished for meanwhile only the
last is taken. What the sandbox does not give is shown as inconclusive with its reason, in place.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ui.desk import Desk
from ui.package.viewer_shown import Looks, ViewerView, file_shown, found_words, line_of, trouble_of
from ui.package.whereabouts import PAGED, Chosen, Content, place_of
from workstation.app import viewing
from workstation.app.viewing import OpenDocument
from workstation.core.errors import EnvironmentFault
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.values import EvidenceLink, PackageId
from workstation.core.viewing import (
    BYTES_A_PAGE,
    Form,
    MemberRow,
    MemberRows,
    Picture,
    Place,
    SampleRow,
    SampleRows,
    TensorRows,
    TextHit,
    Transcript,
)

T = TypeVar("T")
_JOIN_S = 5.0


class ViewerPresenter:
    """Opens one file at a time; ``left`` is called when the person goes back to the files."""

    def __init__(self, view: ViewerView, desk: Desk, looks: Looks, left: Callable[[], None]) -> None:
        self._page, self._desk, self._looks, self._left = view, desk, looks, left
        self._document: OpenDocument | None = None
        self._at = Content()
        self._wish: Callable[[], None] | None = None
        self._busy = False
        self._searching = False
        self._entering = False

    # --- opening and closing ------------------------------------------------------------------

    def open(self, package_id: PackageId, untrusted_path: str, place: Place | None = None) -> bool:
        """Show a file, at a place when one is named. Returns whether it could be opened."""
        self.close()
        opened: list[OpenDocument] = []

        def act() -> None:
            opened.append(viewing.open_document(self._desk.here, package_id, untrusted_path))

        if not self._desk.attempt(act):
            return False
        self._document = document = opened[0]
        self._desk.leaving.append(self.close)
        if place is not None and place.inside:
            self._page.show_file(file_shown(document))
            self._enter(place.inside, place)
        else:
            self._turned_to(document, place)
        return True

    def _turned_to(self, document: OpenDocument, place: Place | None) -> None:
        """Another file is what is looked at: the one opened, or one inside it."""
        self._at = Content(size_bytes=document.size_bytes)
        self._page.show_file(file_shown(document))
        form = document.forms[0]
        if place is not None:
            form = place_of(place, document.forms)
            self._at.go_to(place)
        self._show_form(form)

    def _enter(self, inside: Sequence[str], place: Place | None = None) -> None:
        def done(document: OpenDocument) -> None:
            self._turned_to(document, place)

        def enter(document: OpenDocument, job: JobControl) -> OpenDocument:
            document.enter(inside, job)
            return document

        self._look(enter, done, entering=True)

    def open_member(self, row: MemberRow) -> None:
        """A file of the container on screen."""
        if self._document is not None and self._at.form is Form.MEMBERS:
            self._enter((*self._document.inside, row.untrusted_name))

    def go_up(self) -> None:
        """Back to the container the file lies in, or to the files when it lies in none."""
        document = self._document
        if document is None or not document.inside:
            self.leave()
            return
        *outer, name = document.inside
        self._enter(outer, Place(form=Form.MEMBERS, name=name))

    def close(self) -> None:
        """Stop what runs, end the worker, forget the document. Not an error twice."""
        document, self._document, self._wish = self._document, None, None
        if document is None:
            return
        if self.close in self._desk.leaving:
            self._desk.leaving.remove(self.close)
        self._looks.cancel()
        self._looks.join(_JOIN_S)
        document.close()

    def leave(self) -> None:
        """Back to the files."""
        self.close()
        self._left()

    # --- what the person does -------------------------------------------------------------------

    def choose_form(self, form: Form) -> None:
        """Look at the file another way, at the same page where both have pages."""
        if self._document is not None and form is not self._at.form:
            self._show_form(form)

    def turn(self, step: int) -> None:
        """The next or previous page, or stretch of bytes."""
        if self._at.form is Form.BYTES:
            self._go_to_byte(self._at.byte + step * BYTES_A_PAGE)
        elif self._at.form in PAGED and 0 <= self._at.page + step < max(self._at.pages, 1):
            self._at.page += step
            self._show_content()

    def go_to(self, number: int) -> None:
        """A page counted from 1, or the stretch that begins at a byte."""
        if self._at.form is Form.BYTES:
            self._go_to_byte(number)
        elif self._at.form in PAGED:
            self._at.page = max(0, min(number, max(self._at.pages, 1)) - 1)
            self._show_content()

    def _go_to_byte(self, number: int) -> None:
        last = max(0, self._at.size_bytes - 1)
        self._at.byte = max(0, min(number, last)) // 16 * 16
        self._show_content()

    def width_changed(self) -> None:
        """The picture has another width to fill."""
        if self._document is not None and self._at.form is Form.PICTURE:
            self._show_content()

    def search(self, text: str) -> None:
        """Find text on every page."""
        if not text.strip():
            return
        self._at.wanted = text.strip()

        def done(found: viewing.Found) -> None:
            self._page.show_hits(found.hits, found_words(found))

        self._look(lambda document, job: document.search(text, job), done, searching="pages")

    def stop(self) -> None:
        """Stop a search."""
        self._looks.cancel()

    def open_hit(self, hit: TextHit) -> None:
        """The page of a place found."""
        document = self._document
        if document is None or hit.page >= max(self._at.pages, 1):
            return
        self._at.page = hit.page
        if self._at.form in PAGED:
            self._show_content()
        else:
            self._show_form(next(form for form in document.forms if form in PAGED))

    def open_sample(self, row: SampleRow) -> None:
        """The beginning of one sample's transcript."""
        self._at.sample = row
        self._transcript(0)

    def more_turns(self) -> None:
        """More of the transcript shown."""
        if self._at.next_turn is not None:
            self._transcript(self._at.next_turn)

    def _transcript(self, first_turn: int) -> None:
        row = self._at.sample
        if row is None:
            return
        key = row.key

        def done(transcript: Transcript) -> None:
            self._at.next_turn = transcript.next_turn
            self._page.show_transcript(transcript, first=first_turn == 0)

        self._look(lambda document, job: document.sample(key, first_turn, job), done)

    def more_samples(self) -> None:
        """The samples after those shown."""
        start, words = self._at.samples_shown, self._at.sample_filter

        def look(document: OpenDocument, job: JobControl) -> tuple[SampleRows, int]:
            if not words:
                rows = document.samples(start, job)
                return rows, start + len(rows.rows)
            found = document.find_samples(words, start, job)
            whole = found.next_start is None
            rows = SampleRows(total=found.read, rows=found.rows, is_whole=whole, broken=found.broken)
            return rows, found.read

        def done(found: tuple[SampleRows, int]) -> None:
            rows, self._at.samples_shown = found
            self._page.show_samples(rows, first=start == 0, words=words)

        self._look(look, done, searching="samples" if words else "")

    def filter_samples(self, words: str) -> None:
        """The samples of the whole log that hold these words; without words all of them."""
        self._at.sample_filter, self._at.samples_shown = words.strip(), 0
        self.more_samples()

    def filter_members(self, name: str) -> None:
        """Files of the container whose name holds this, from the first."""
        self._at.member_filter, self._at.next_member = name.strip(), 0
        self.more_members()

    def more_members(self) -> None:
        """The files of the container after those shown."""
        start, name = self._at.next_member, self._at.member_filter
        if start is None:
            return

        def done(found: MemberRows) -> None:
            self._at.next_member = found.next_start
            self._page.show_members(found, first=start == 0, name=name)
            wanted, self._at.name = self._at.name, ""
            if wanted:
                self._page.choose_member(wanted)

        self._look(lambda document, job: document.members(start, name, job), done)

    def filter_tensors(self, name: str) -> None:
        """Tensors whose name holds this, from the first."""
        self._at.tensor_filter, self._at.next_tensor = name.strip(), 0
        self.more_tensors()

    def more_tensors(self) -> None:
        """The tensors after those shown."""
        start, name = self._at.next_tensor, self._at.tensor_filter
        if start is None:
            return

        def done(found: TensorRows) -> None:
            self._at.next_tensor = found.next_start
            self._page.show_tensors(found, first=start == 0, name=name)
            if self._at.name and (self._page.choose_tensor(self._at.name) or found.next_start is None):
                self._at.name = ""
            elif self._at.name:
                self.more_tensors()

        self._look(lambda document, job: document.tensors(start, name, job), done)

    def use_place(self, chosen: Chosen) -> None:
        """Keep the place on screen for an answer's evidence."""
        document = self._document
        if document is None:
            return
        place = self._at.place(chosen, document.inside)
        if place is None:
            self._desk.notices.tell("Choose a row first; its place can then be used as evidence.")
            return
        file = document.file
        self._desk.noted = EvidenceLink(
            package_id=file.package_id, untrusted_path=file.untrusted_path, anchor=place.anchor
        )
        self._desk.notices.tell(
            f"Noted: {place.anchor} of {file.untrusted_path}. "
            "In the checklist, press \u201cUse the noted place\u201d at your answer."
        )

    # --- content --------------------------------------------------------------------------------

    def _show_form(self, form: Form) -> None:
        self._at.form = form
        self._page.show_form(form)
        if form in PAGED and not self._at.pages:

            def counted(pages: int) -> None:
                self._at.pages = pages
                self._at.page = min(self._at.page, pages - 1)
                self._show_content()

            self._look(lambda document, job: document.page_count(job), counted)
            return
        self._show_content()

    def _show_content(self) -> None:
        at, page, width = self._at, self._at.page, self._page.picture_width_px
        match at.form:
            case Form.PICTURE:
                self._look(lambda document, job: document.page(page, width, job), self._show_picture)
            case Form.TEXT:
                self._look(lambda document, job: document.text(page, job), self._show_text)
            case Form.BYTES:
                start = at.byte
                self._look(lambda document, job: document.bytes_at(start, job), self._show_bytes)
            case Form.SAMPLES:
                self._begin_samples()
            case Form.TENSORS:
                self.filter_tensors(at.name or at.tensor_filter)
            case Form.MEMBERS:
                self.filter_members(at.member_filter)

    def _begin_samples(self) -> None:
        self._at.samples_shown, self._at.sample_filter = 0, ""
        name, self._at.name = self._at.name, ""
        if not name:
            self.more_samples()
            return

        def done(found: tuple[SampleRows, SampleRow | None]) -> None:
            rows, row = found
            self._at.samples_shown = len(rows.rows)
            self._page.show_samples(rows, first=True, words="")
            if row is not None:
                self._page.choose_sample(row)
                self.open_sample(row)

        self._look(
            lambda document, job: (document.samples(0, job), document.sample_named(name, job)),
            done,
            searching="samples",
        )

    def _show_picture(self, picture: Picture) -> None:
        self._page.show_where(self._at.page + 1, self._at.pages)
        self._page.show_picture(picture, f"Page {self._at.page + 1:,} of {self._at.pages:,}")

    def _show_text(self, text: str) -> None:
        self._page.show_where(self._at.page + 1, self._at.pages)
        self._page.show_text(text, self._at.wanted)

    def _show_bytes(self, table: str) -> None:
        self._page.show_where(self._at.byte, self._at.size_bytes)
        self._page.show_bytes(table)
        span, self._at.span = self._at.span, None
        if span is not None:
            self._page.choose_bytes(span[0] - self._at.byte, span[1] - self._at.byte)

    # --- looks ----------------------------------------------------------------------------------

    def _look(
        self,
        work: Callable[[OpenDocument, JobControl], T],
        done: Callable[[T], None],
        *,
        searching: str = "",
        entering: bool = False,
    ) -> None:
        document = self._document
        if document is None or (self._entering and self._busy):
            return  # what is on screen is about to be another file

        def begin() -> None:
            self._busy, self._searching, self._entering = True, bool(searching), entering
            self._page.show_busy(
                f"Looking through the {searching}" if searching else "Reading in the sandbox"
            )
            self._looks.start(
                lambda job: work(document, job),
                done=lambda answer: self._ended(document, lambda: done(answer)),
                failed=lambda error: self._ended(document, lambda: self._failed(error)),
            )

        if not self._busy:
            begin()
            return
        self._wish = begin
        if self._searching:
            self._looks.cancel()

    def _ended(self, document: OpenDocument, tell: Callable[[], None]) -> None:
        self._busy = self._searching = self._entering = False
        wish, self._wish = self._wish, None
        if wish is not None:
            wish()
        elif document is self._document:
            self._page.show_busy("")
            self._page.show_line(line_of(document))
            tell()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, JobCancelled):
            self._page.show_busy("Stopped; what was found so far is not shown.")
            return
        self._page.show_trouble(trouble_of(error))
        if not isinstance(error, EnvironmentFault):
            self._desk.failed(error)
