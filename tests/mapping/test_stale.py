from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.ids import PeerId
from sakya_sync.mapping.bases import Earlier
from sakya_sync.mapping.diff import text_steps
from sakya_sync.mapping.stale import (
    LIVE_MAX,
    SUPERSEDED_MAX,
    Read,
    choose_base,
    saved_by_a_program,
    written_by_us,
)
from sakya_sync.replica.document import Document

LIVE, PAST = Earlier(b"live"), Earlier(b"past", superseded=True)
OLD = "The salt has to be weighed.\n\nNobody comes here.\n"
CAME = "The salt has to be weighed.\n\nNobody comes here but the ferryman.\n"


@pytest.mark.parametrize("read", Read)
def test_a_save_that_lacks_what_came_and_adds_words_was_made_before_it_came(read: Read) -> None:
    typed = OLD.replace("weighed", "weighed twice a week")
    assert choose_base(typed, CAME, [(LIVE, OLD)], read) is LIVE


@pytest.mark.parametrize("read", Read)
def test_a_save_with_what_came_in_it_was_made_after(read: Read) -> None:
    typed = CAME.replace("weighed", "weighed twice a week")
    assert choose_base(typed, CAME, [(LIVE, OLD)], read) is None


def test_taking_out_what_came_is_meant_only_by_those_who_saw_it() -> None:
    assert choose_base(OLD, CAME, [(LIVE, OLD)], Read.YES) is None
    assert choose_base(OLD, CAME, [(LIVE, OLD)], Read.NO) is LIVE
    assert choose_base(OLD, CAME, [(LIVE, OLD)], Read.UNKNOWN) is LIVE


def test_taking_out_a_part_of_what_came_is_always_meant() -> None:
    part = CAME.replace(" ferryman", "")
    assert choose_base(part, CAME, [(LIVE, OLD)], Read.YES) is None


def test_what_nobody_has_read_is_never_the_base() -> None:
    rewritten = "The ferryman.\n"
    assert choose_base(rewritten, CAME, [(LIVE, OLD)], Read.NO) is LIVE
    assert choose_base(rewritten, CAME, [], Read.NO) is None


@pytest.mark.parametrize("read", Read)
def test_what_was_set_back_and_then_added_to_is_compared_with_what_it_was_set_back_to(
    read: Read,
) -> None:
    typed = OLD.replace("weighed", "weighed twice")
    assert choose_base(typed, OLD, [(LIVE, CAME)], read) is None


def test_a_deletion_elsewhere_is_not_undone_by_a_program_that_has_not_looked() -> None:
    shorter = "The salt has to be weighed.\n"
    typed = OLD.replace("weighed", "weighed twice")
    assert choose_base(typed, shorter, [(LIVE, OLD)], Read.UNKNOWN) is LIVE


def test_a_second_program_with_an_older_window_is_known_by_what_it_lacks() -> None:
    saved = CAME.replace("The salt", "All the salt")
    other = OLD.replace("Nobody", "Nobody at all")
    assert choose_base(other, saved, [(PAST, OLD)], Read.UNKNOWN) is PAST
    # Whoever undoes what they typed has not looked away.
    assert choose_base(OLD, saved, [(PAST, OLD)], Read.UNKNOWN) is None
    # And whoever has some of what came has seen it.
    some = CAME.replace("Nobody", "Hardly anybody")
    assert choose_base(some, saved, [(PAST, OLD)], Read.UNKNOWN) is None


def test_retyping_ones_last_words_is_no_second_program() -> None:
    typed = CAME.replace("weighed", "weighed three times at the least every week")
    again = CAME.replace("weighed", "weighed daily")
    assert choose_base(again, typed, [(PAST, OLD)], Read.UNKNOWN) is None


def test_bases_are_kept_while_a_program_may_have_them() -> None:
    first = written_by_us((), b"saved", Read.UNKNOWN)
    assert first == (Earlier(b"saved"),)
    assert written_by_us(first, b"came 1", Read.NO) == first
    seen = written_by_us(first, b"came 1", Read.YES)
    assert seen == (Earlier(b"saved"), Earlier(b"came 1"))
    # The program that had `saved` in its window has another text there now.
    assert saved_by_a_program(seen, b"came 2", Earlier(b"saved")) == (
        Earlier(b"came 1", superseded=True),
        Earlier(b"came 2", superseded=True),
    )


def test_few_bases_are_kept_and_always_what_a_program_saved_last() -> None:
    earlier: tuple[Earlier, ...] = ()
    for number in range(20):
        earlier = written_by_us(earlier, b"%d" % number, Read.UNKNOWN)
    assert len(earlier) == LIVE_MAX
    assert (earlier[0], earlier[-1]) == (Earlier(b"0"), Earlier(b"19"))
    for number in range(20, 40):
        earlier = saved_by_a_program(earlier, b"%d" % number, None)
    assert len(earlier) <= SUPERSEDED_MAX


@dataclass
class Desk:
    """A file, its document, and the windows of two programs that never look again."""

    document: Document
    disk: str
    frontier: bytes
    earlier: tuple[Earlier, ...] = ()
    peers: int = 10
    windows: dict[str, str] = field(default_factory=dict)

    def came(self, text: str, read: Read) -> None:
        """Somebody else has written, and the file is brought up to date."""
        self.peers += 1
        self.document.edit_at(
            self.document.frontier(),
            PeerId(self.peers),
            lambda document: document.apply_steps(text_steps(document.text(), text)),
        )
        self._render(read)

    def save(self, new: str, read: Read) -> None:
        """A program saves its window."""
        texts = [(item, self.document.text_at(item.frontier)) for item in self.earlier]
        chosen = choose_base(new, self.disk, texts, read)
        source = self.frontier if chosen is None else chosen.frontier
        self.peers += 1
        after = self.document.edit_at(
            source,
            PeerId(self.peers),
            lambda document: document.apply_steps(text_steps(document.text(), new)),
        )
        self.earlier = saved_by_a_program(self.earlier, self.frontier, chosen)
        self.frontier, self.disk = after, new
        self._render(Read.UNKNOWN)

    def _render(self, read: Read) -> None:
        text = self.document.text()
        if text != self.disk:
            self.earlier = written_by_us(self.earlier, self.frontier, read)
            self.frontier, self.disk = self.document.frontier(), text


def desk(text: str) -> Desk:
    document = Document(PeerId(1))
    with document.edit() as loro:
        loro.get_text("body").insert(0, text)
    return Desk(document, text, document.frontier())


PLACES = st.integers(0, 5)
EVENTS = st.lists(st.tuples(st.sampled_from(["came", "typed", "retyped"]), PLACES), max_size=30)
START = "".join(f"Sentence {number} of it stands here.\n" for number in range(5))


def put(text: str, place: int, word: str) -> str:
    lines = text.splitlines()
    at = min(place, len(lines) - 1)
    return "\n".join([*lines[:at], f"{word} {lines[at]}", *lines[at + 1 :]]) + "\n"


@settings(deadline=None)
@given(EVENTS, st.sampled_from([Read.NO, Read.UNKNOWN]))
def test_no_word_is_lost_or_doubled_by_a_program_that_never_looks(
    events: list[tuple[str, int]], read: Read
) -> None:
    at = desk(START)
    window, last = START, ""
    expected: list[str] = []
    for number, (what, place) in enumerate(events):
        if what == "came":
            at.came(put(at.disk, place, f"came{number}"), read)
            expected.append(f"came{number}")
            continue
        if what == "retyped" and last:
            window = window.replace(f"{last} ", "")
            expected.remove(last)
        last = f"typed{number}"
        expected.append(last)
        window = put(window, place, last)
        at.save(window, read)
    words = at.document.text().split()
    assert sorted(word for word in words if word.startswith(("came", "typed"))) == sorted(expected)
    assert at.disk == at.document.text()


@settings(deadline=None)
@given(EVENTS)
def test_a_program_that_always_looks_gets_what_it_saves(events: list[tuple[str, int]]) -> None:
    at = desk(START)
    for number, (what, place) in enumerate(events):
        if what == "came":
            at.came(put(at.disk, place, f"came{number}"), Read.YES)
        else:
            saved = put(at.disk, place, f"typed{number}")
            at.save(saved, Read.YES)
            assert at.disk == saved
