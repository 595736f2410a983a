"""Laws on random sets, and agreement with the oracle."""

import random
import time
from collections.abc import Iterator

import pytest

from sakya_sync.access.certificates import delegate, revoke
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.evaluator import View, evaluate, evaluate_edges
from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SubjectId

from .oracle import PlainCut, PlainEdge, judge
from .people import Graph, key, signing_key, subject

NODES = [SubjectId(PublicKey(bytes([number]) * 32)) for number in range(1, 8)]
Sample = tuple[list[PlainEdge], list[PlainCut]]


def sample(seed: int) -> Sample:
    """2–12 delegations among 3–7 keys, often rooted and often admin, and 0–4 revocations."""
    dice = random.Random(seed)
    nodes = NODES[: dice.randint(3, len(NODES))]
    edges = []
    for number in range(dice.randint(2, 12)):
        issuer = dice.choice(nodes)
        over = issuer if dice.random() < 0.4 else dice.choice(nodes[:3])
        power = dice.choice([*Power, Power.ADMIN, Power.ADMIN])
        named = CertificateId(bytes([100 + number]) * 32)
        edges.append(PlainEdge(named, issuer, dice.choice(nodes), over, power))
    cuts = [PlainCut(dice.choice(nodes), dice.choice(edges).id) for _ in range(dice.randint(0, 4))]
    return edges, cuts


def samples(count: int, start: int = 0) -> Iterator[Sample]:
    return (sample(seed) for seed in range(start, start + count))


def powers(view: View) -> dict[tuple[bytes, bytes], Power | None]:
    return {(over, who): view.power(over, who) for over in NODES for who in NODES}


def at_most(view: View, other: View) -> bool:
    """Whether `view` gives nobody more than `other` does."""
    mine, theirs = powers(view), powers(other)
    return all((mine[pair] or 0) <= (theirs[pair] or 0) for pair in mine)


@pytest.mark.parametrize("block", range(4))
def test_the_evaluator_says_what_the_value_form_says(block: int) -> None:
    contexts_met = 0
    for edges, cuts in samples(1000, block * 1000):
        view, truth = evaluate_edges(edges, cuts), judge(edges, cuts)
        for over in NODES:
            for who in NODES:
                at_least = 4 if over == who else 0
                assert (view.power(over, who) or 0) == truth.now.get((over, who), at_least)
                assert (view.ever(over, who) or 0) == truth.ever.get((over, who), at_least)
        for edge in edges:
            assert (view.cap(edge.id) or 0) == truth.caps[edge.id]
            covered = truth.covered[edge.id]
            contexts_met += bool(covered) and view.live(edge.id)
    assert contexts_met > 20


def test_order_and_repetition_change_nothing() -> None:
    for edges, cuts in samples(300):
        shuffled_edges, shuffled_cuts = edges * 2, cuts * 2
        random.Random(len(edges)).shuffle(shuffled_edges)
        random.Random(len(cuts)).shuffle(shuffled_cuts)
        view, other = evaluate_edges(edges, cuts), evaluate_edges(shuffled_edges, shuffled_cuts)
        assert powers(view) == powers(other)
        assert [view.cap(edge.id) for edge in edges] == [other.cap(edge.id) for edge in edges]


def test_a_revocation_only_ever_takes_away() -> None:
    for edges, cuts in samples(600):
        before = evaluate_edges(edges, [])
        for count in range(1, len(cuts) + 1):
            after = evaluate_edges(edges, cuts[:count])
            assert at_most(after, before)
            before = after


def test_a_delegation_only_ever_gives_where_nothing_is_revoked() -> None:
    for edges, _ in samples(200):
        before = evaluate_edges(edges[:-1], [])
        assert at_most(before, evaluate_edges(edges, []))


def test_no_merge_brings_back_what_was_denied() -> None:
    denials = 0
    for seed, (edges, cuts) in enumerate(samples(800)):
        denied = {edge.id for edge in edges if evaluate_edges(edges, cuts).denied(edge.id)}
        denials += len(denied)
        more = [
            edge._replace(id=CertificateId(bytes([200 + number]) * 32))
            for number, edge in enumerate(sample(seed + 5000)[0])
        ]
        merged = evaluate_edges([*edges, *more], [*cuts, *sample(seed + 5000)[1]])
        assert not any(merged.live(target) for target in denied)
    assert denials > 100


def test_nothing_comes_back_without_a_new_delegation() -> None:
    for edges, cuts in samples(300, 9000):
        later = [PlainCut(edge.issuer, edge.id) for edge in edges[::3]]
        assert at_most(evaluate_edges(edges, [*cuts, *later]), evaluate_edges(edges, cuts))


def test_ever_does_not_hear_of_revocations() -> None:
    for edges, cuts in samples(200):
        view, untouched = evaluate_edges(edges, cuts), evaluate_edges(edges, [])
        for over in NODES:
            for who in NODES:
                assert view.ever(over, who) == untouched.power(over, who)


def test_keys_lists_exactly_who_has_power() -> None:
    for edges, cuts in samples(200):
        view = evaluate_edges(edges, cuts)
        for over in NODES:
            listed = view.keys(over)
            assert {who for who in NODES if view.power(over, who)} == set(listed)
            assert all(view.power(over, who) == power for who, power in listed.items())


def test_a_revocation_of_what_is_not_there_waits_for_it() -> None:
    graph = Graph()
    graph.revoke("project", Graph().grant("project", "ann", "project"))
    assert graph.power("project", "ann") is None
    graph.grant("project", "ann", "project")
    assert graph.power("project", "ann") is None
    assert graph.ever("project", "ann") == Power.ADMIN


def test_a_revocation_cannot_be_revoked() -> None:
    owner, ann = signing_key("project"), signing_key("ann")
    granted = delegate(owner, ann.public, subject("project"), Power.ADMIN)
    denied = revoke(owner, granted.id)
    taken_back = revoke(owner, denied.id)
    view = evaluate(CertificateSet([granted, denied, taken_back]))
    assert view.power(subject("project"), ann.public) is None


def test_signed_certificates_and_plain_ones_give_the_same_answers() -> None:
    owner, ann, ben = (signing_key(name) for name in ("project", "ann", "ben"))
    first = delegate(owner, ann.public, subject("project"), Power.ADMIN)
    second = delegate(ann, ben.public, subject("project"), Power.WRITE)
    held = CertificateSet([second, first])
    assert evaluate(held).power(subject("project"), ben.public) == Power.WRITE
    cut = evaluate(held.add([revoke(owner, first.id)]))
    assert cut.power(subject("project"), ben.public) is None
    assert cut.denied(first.id)
    assert not cut.denied(second.id)
    assert not cut.live(second.id)


def test_189_certificates_take_less_than_ten_milliseconds() -> None:
    graph = Graph()
    admins = [f"admin {number}" for number in range(8)]
    roots = [graph.grant("project", name, "project") for name in admins]
    for number in range(180):
        graph.grant(admins[number % 8], f"member {number}", "project", Power.WRITE)
    graph.revoke(admins[0], roots[1])
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        view = graph.view
        best = min(best, time.perf_counter() - start)
    assert view.power(key("project"), key("member 0")) == Power.WRITE
    assert view.power(key("project"), key("member 1")) is None
    assert best < 0.010
