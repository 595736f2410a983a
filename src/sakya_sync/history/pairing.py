"""Which paragraph became which: the same, changed, moved, split or joined."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Final

from rapidfuzz.distance import Indel

from sakya_sync.history.paragraphs import Paragraph, Part
from sakya_sync.history.words import is_word, tokens
from sakya_sync.mapping.alignment import aligned, longest_rising

ALIKE_MIN: Final = 0.4
"""Less alike, two paragraphs are not one that was changed."""
MOVED_ALIKE_MIN: Final = 0.6
"""A moved paragraph must be more alike: nothing but its words says that it is the same."""
MOVED_WORDS_MIN: Final = 5
"""Shorter paragraphs ("Yes.") recur by chance, and are never called moved."""
GAIN_MIN: Final = 0.1
"""What a neighbour must add to how alike two paragraphs are, to be a part of one of them."""
NEAR_PAIRS_MAX: Final = 400
"""Where this many pairs could be made between two anchors, each is looked at."""
RARE_MAX: Final = 8
CANDIDATES_MAX: Final = 4
WORDS_MAX: Final = 4_000
"""How alike longer paragraphs are is told by as many words from their beginning and their end."""

_KEY = pattern(r"\s*(?:- )?([\w-]+)\s*:")


@dataclass(frozen=True, slots=True)
class Pair:
    """What stood in `old` stands in `new`; ranges of paragraphs, of which one is of length 1."""

    old: range
    new: range
    moved: bool = False


def paired(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> list[Pair]:
    """Pairs in the order of `new`; no paragraph is in two, and what is in none is gone or new."""
    return _Pairing(old, new).pairs()


class _Pairing:
    def __init__(self, old: Sequence[Paragraph], new: Sequence[Paragraph]) -> None:
        self._old, self._new = old, new
        self._old_words = _Words(old)
        self._new_words = _Words(new)
        self._lines = Counter(line.body for line in old if line.part is Part.MATTER)
        self._lines_new = Counter(line.body for line in new if line.part is Part.MATTER)
        self._there: dict[int, int] = {}
        self._moved: set[int] = set()

    def pairs(self) -> list[Pair]:
        gaps = list(self._anchor())
        self._exact_moves(gaps)
        self._alike(gaps)
        self._follow()
        old, new = set(self._there), set(self._there.values())
        pairs = [self._grown(i, j, old, new) for i, j in self._there.items()]
        return sorted(pairs, key=lambda pair: pair.new.start)

    def _anchor(self) -> Iterator[tuple[range, range]]:
        """Pair what stands the same in the same order; what is left are gaps."""
        old = [f"{paragraph.part} {paragraph.body}" for paragraph in self._old]
        new = [f"{paragraph.part} {paragraph.body}" for paragraph in self._new]
        for equal, old_start, old_end, new_start, new_end in aligned(old, new):
            if equal:
                self._there.update(
                    zip(range(old_start, old_end), range(new_start, new_end), strict=True)
                )
            else:
                yield range(old_start, old_end), range(new_start, new_end)

    def _exact_moves(self, gaps: list[tuple[range, range]]) -> None:
        places: defaultdict[str, list[int]] = defaultdict(list)
        for _, come in gaps:
            for j in come:
                places[self._new[j].body].append(j)
        for gone, _ in gaps:
            for i in gone:
                found = places.get(self._old[i].body)
                if found and self._may_move(i, found[0]):
                    self._there[i] = found.pop(0)
                    self._moved.add(i)

    def _follow(self) -> None:
        """What stands beside a moved paragraph in both texts moved with it, however short it is."""
        taken = set(self._there.values())
        for step in (1, -1):
            for first in sorted(self._moved):
                i, j = first + step, self._there[first] + step
                while self._same_and_free(i, j, taken):
                    self._there[i] = j
                    self._moved.add(i)
                    taken.add(j)
                    i, j = i + step, j + step

    def _same_and_free(self, i: int, j: int, taken: set[int]) -> bool:
        if not (0 <= i < len(self._old) and 0 <= j < len(self._new)):
            return False
        if i in self._there or j in taken:
            return False
        one, other = self._old[i], self._new[j]
        return one.part is other.part and one.body == other.body and bool(one.number)

    def _may_move(self, i: int, j: int) -> bool:
        one, other = self._old[i], self._new[j]
        if one.part is not other.part:
            return False
        words = min(len(self._old_words[i]), len(self._new_words[j]))
        if one.part is Part.BODY:
            return words >= MOVED_WORDS_MIN
        return words > 0 and self._lines[one.body] == 1 and self._lines_new[other.body] == 1

    def _alike(self, gaps: list[tuple[range, range]]) -> None:
        """Pair what is most alike first, and settle then what of it has moved."""
        taken = set(self._there.values())
        gap_of = {i: number for number, (gone, _) in enumerate(gaps) for i in gone}
        gap_of_new = {j: number for number, (_, come) in enumerate(gaps) for j in come}
        candidates = {pair for gap in gaps for pair in self._near(*gap, taken)}
        candidates.update(self._far(gap_of, gap_of_new, taken))
        scored = []
        for i, j in candidates:
            near = gap_of[i] == gap_of_new[j]
            score = self._score(i, j, near)
            if score >= (ALIKE_MIN if near else MOVED_ALIKE_MIN):
                scored.append((-score, abs(i - j), i, j))
        by_gap: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        scores: dict[int, float] = {}
        for score, _, i, j in sorted(scored):
            if i in self._there or j in taken:
                continue
            near = gap_of[i] == gap_of_new[j]
            if not near and not self._may_move(i, j):
                continue
            self._there[i] = j
            taken.add(j)
            scores[i] = -score
            if near:
                by_gap[gap_of[i]].append((i, j))
            else:
                self._moved.add(i)
        for pairs in by_gap.values():
            self._settle(sorted(pairs), scores)

    def _settle(self, pairs: list[tuple[int, int]], scores: dict[int, float]) -> None:
        """Pairs of one gap that keep their order stay; the others moved, or are no pairs."""
        staying = set(longest_rising([j for _, j in pairs]))
        for index, (i, j) in enumerate(pairs):
            if index in staying:
                continue
            if scores[i] >= MOVED_ALIKE_MIN and self._may_move(i, j):
                self._moved.add(i)
            else:
                del self._there[i]

    def _near(self, gone: range, come: range, taken: set[int]) -> Iterator[tuple[int, int]]:
        """Every pair of a small gap; of a large one, those about as far from its beginning."""
        old = [i for i in gone if i not in self._there]
        new = [j for j in come if j not in taken]
        if len(old) * len(new) <= NEAR_PAIRS_MAX:
            yield from ((i, j) for i in old for j in new)
            return
        old = [i for i in old if len(self._old_words[i]) > 1]
        for at, i in enumerate(old):
            middle = at * len(new) // len(old)
            yield from ((i, j) for j in new[max(0, middle - 2) : middle + 3])

    def _far(
        self, old: dict[int, int], new: dict[int, int], taken: set[int]
    ) -> Iterator[tuple[int, int]]:
        """Pairs that have rare words in common, wherever they stand."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for j in new:
            words = () if j in taken else self._new_words[j]
            if len(words) > 1:
                for word in set(words):
                    places[word].append(j)
        for i in old:
            if i in self._there or len(self._old_words[i]) < 2:
                continue
            shared: Counter[int] = Counter()
            for word in set(self._old_words[i]):
                found = places.get(word, ())
                if len(found) <= RARE_MAX:
                    shared.update(found)
            yield from ((i, j) for j, _ in shared.most_common(CANDIDATES_MAX))

    def _score(self, i: int, j: int, near: bool) -> float:
        one, other = self._old[i], self._new[j]
        if one.part is not other.part or not one.body or not other.body:
            return 0.0
        score = alike(self._old_words[i], self._new_words[j], ALIKE_MIN)
        if near and one.part is Part.MATTER and (key := _KEY.match(one.body)):
            value = _KEY.match(other.body)
            if value and value[1] == key[1]:
                return max(score, ALIKE_MIN)
        return score

    def _grown(self, i: int, j: int, old_taken: set[int], new_taken: set[int]) -> Pair:
        """With the neighbours that were split off it, or joined to it."""
        old, new = range(i, i + 1), range(j, j + 1)
        moved = i in self._moved
        if moved or self._old[i].body == self._new[j].body or self._old[i].part is Part.MATTER:
            return Pair(old, new, moved)
        was, now = self._old_words[i], self._new_words[j]
        score = alike(was, now)
        new, score = self._gather(new, was, score, self._new, self._new_words, new_taken)
        if len(new) == 1:
            old, score = self._gather(old, now, score, self._old, self._old_words, old_taken)
        return Pair(old, new)

    def _gather(
        self,
        part: range,
        whole: Sequence[str],
        score: float,
        all_of: Sequence[Paragraph],
        words: "_Words",
        taken: set[int],
    ) -> tuple[range, float]:
        gathered = list(words[part.start])
        for after in (True, False):
            while True:
                at = part.stop if after else part.start - 1
                if not 0 <= at < len(all_of) or at in taken or not all_of[at].number:
                    break
                if all_of[at].part is Part.MATTER:
                    break
                longer = gathered + words[at] if after else words[at] + gathered
                better = alike(whole, longer)
                if better < score + GAIN_MIN:
                    break
                gathered, score = longer, better
                taken.add(at)
                part = range(part.start, at + 1) if after else range(at, part.stop)
        return part, score


class _Words:
    """The words of each paragraph, cut when first asked for."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._paragraphs = paragraphs
        self._cut: dict[int, list[str]] = {}

    def __getitem__(self, index: int) -> list[str]:
        if index not in self._cut:
            pieces = tokens(self._paragraphs[index].body)
            self._cut[index] = [word for word in pieces if is_word(word)]
        return self._cut[index]


def alike(old: Sequence[str], new: Sequence[str], least: float = 0.0) -> float:
    """How alike two passages are by their words, from 0 to 1; 0 below `least`."""
    if not old or not new:
        return 0.0
    return Indel.normalized_similarity(_ends(old), _ends(new), score_cutoff=least)


def _ends(words: Sequence[str]) -> Sequence[str]:
    if len(words) <= WORDS_MAX:
        return words
    half = WORDS_MAX // 2
    return [*words[:half], *words[-half:]]
