from hypothesis import given

from sakya_sync.history.pairing import Pair, alike, paired
from sakya_sync.history.paragraphs import paragraphs
from sakya_sync.history.words import Layout

from .texts import revisions

SALT = "The salt has to be weighed twice before it leaves the yard."
FORD = "In spring the ford was too high to cross for nine days."
LEDGER = "Nobody asked why the ledgers of both towns always agreed."


def pairs(old: list[str], new: list[str], layout: Layout = Layout.PROSE) -> list[Pair]:
    between = "\n" if layout is Layout.DATA else "\n\n"
    return paired(paragraphs(between.join(old), layout), paragraphs(between.join(new), layout))


def stays(old: int, new: int) -> Pair:
    return Pair(range(old, old + 1), range(new, new + 1))


def moves(old: int, new: int) -> Pair:
    return Pair(range(old, old + 1), range(new, new + 1), moved=True)


@given(revisions())
def test_no_paragraph_is_in_two_pairs_and_what_stays_keeps_its_order(
    texts: tuple[str, str],
) -> None:
    for layout in Layout:
        old, new = (paragraphs(text, layout) for text in texts)
        found = paired(old, new)
        for side in ([p.old for p in found], [p.new for p in found]):
            places = [place for places in side for place in places]
            assert len(places) == len(set(places))
        staying = [pair for pair in found if not pair.moved]
        assert staying == sorted(staying, key=lambda pair: pair.old.start)
        assert all(1 in (len(pair.old), len(pair.new)) for pair in found)


def test_what_is_moved_is_no_change() -> None:
    assert pairs([SALT, FORD, LEDGER], [LEDGER, SALT, FORD]) == [
        moves(2, 0),
        stays(0, 1),
        stays(1, 2),
    ]


def test_what_is_moved_and_slightly_edited_is_still_moved() -> None:
    edited = LEDGER.replace("always", "never")
    assert pairs([SALT, FORD, LEDGER], [edited, SALT, FORD])[0] == moves(2, 0)


def test_what_is_changed_in_its_place_is_paired_from_two_fifths_on() -> None:
    less = "The salt has to be sold."
    assert pairs([SALT, FORD], [less, FORD]) == [stays(0, 0), stays(1, 1)]
    assert pairs([SALT, FORD], ["Nothing else came that way.", FORD]) == [stays(1, 1)]


def test_short_paragraphs_recur_and_do_not_move() -> None:
    assert pairs(["“Yes.”", SALT, FORD], [SALT, FORD, "“Yes.”"]) == [stays(1, 0), stays(2, 1)]


def test_but_they_move_with_what_stands_beside_them() -> None:
    scene = ["“No.”", SALT, "“Yes.”", "“No.”"]
    rest = [FORD, LEDGER, f"{FORD} Again.", f"{LEDGER} Again.", "“Yes.”"]
    assert pairs([*scene, *rest], [*rest, *scene]) == [
        *(stays(number + 4, number) for number in range(5)),
        *(moves(number, number + 5) for number in range(4)),
    ]


def test_a_paragraph_split_in_two_is_one_change() -> None:
    assert pairs([f"{SALT} {FORD}", LEDGER], [SALT, FORD, LEDGER]) == [
        Pair(range(1), range(2)),
        stays(1, 2),
    ]


def test_two_paragraphs_joined_are_one_change() -> None:
    assert pairs([SALT, FORD, LEDGER], [f"{SALT} {FORD}", LEDGER]) == [
        Pair(range(2), range(1)),
        stays(2, 1),
    ]


def test_a_line_of_data_is_known_by_its_key() -> None:
    old, new = ["title: The Salt Road", "status: draft"], ["title: Over the Pass", "status: final"]
    assert pairs(old, new, Layout.DATA) == [stays(0, 0), stays(1, 1)]


def test_a_line_of_data_moves_where_there_is_one_of_it() -> None:
    old = ["chapters:", "- one", "- two", "- three"]
    assert pairs(old, [old[0], old[3], old[1], old[2]], Layout.DATA) == [
        stays(0, 0),
        moves(3, 1),
        stays(1, 2),
        stays(2, 3),
    ]
    twice = ["a: 1", "b: yes", "b: yes", "c: 2", "d: 3"]
    found = pairs(twice, ["b: yes", "a: 1", "b: yes", "c: 2", "d: 3"], Layout.DATA)
    assert not [pair for pair in found if pair.moved]


def test_in_a_long_rewrite_what_was_kept_is_found() -> None:
    old = [
        f"Mule {number} went {number + 7} miles with salt on day {number}." for number in range(90)
    ]
    new = [f"Of {number} towns, {number * 3} had never paid." for number in range(90)]
    edited = LEDGER.replace("always", "never")
    found = pairs([*old[:80], LEDGER, *old[80:]], [*new[:10], edited, *new[10:]])
    assert found == [stays(80, 10)]


def test_alike_goes_from_nothing_to_all() -> None:
    words = SALT.split()
    assert alike(words, words) == 1
    assert alike(words, ["other"]) == alike([], []) == 0
    assert alike(words, words[:3], 0.9) == 0
    assert alike(words * 2_000, words * 2_000) == 1
