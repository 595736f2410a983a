"""Keyline's rules in value form, written the slow way and without looking at the evaluator.

Levels are numbers 0–4. Everything is recomputed over all nodes until nothing changes.
"""

from collections.abc import Collection
from typing import NamedTuple

from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SubjectId

Levels = dict[tuple[bytes, bytes], int]


class PlainEdge(NamedTuple):
    """A delegation without its signature."""

    id: CertificateId
    issuer: PublicKey
    audience: PublicKey
    subject: SubjectId
    power: Power


class PlainCut(NamedTuple):
    """A revocation without its signature."""

    issuer: PublicKey
    target: CertificateId


def reaches(
    nodes: Collection[bytes],
    edges: Collection[PlainEdge],
    caps: dict[CertificateId, int],
    avoiding: Collection[bytes] = (),
) -> Levels:
    """The best level of each (subject, key) on routes that pass no key of `avoiding`."""
    levels: Levels = {(node, node): 4 for node in nodes}
    changed = True
    while changed:
        changed = False
        found: list[tuple[bytes, bytes, int]] = [
            (edge.subject, edge.audience, min(levels[edge.subject, edge.issuer], caps[edge.id]))
            for edge in edges
            if (edge.subject, edge.issuer) in levels and edge.issuer not in avoiding
        ]
        for (first, middle), upper in list(levels.items()):
            if first == middle or middle in avoiding:
                continue
            found += [
                (first, last, min(upper, levels[middle, last]))
                for last in nodes
                if (middle, last) in levels
            ]
        for subject, key, level in found:
            if level > levels.get((subject, key), 0):
                levels[subject, key] = level
                changed = True
    return levels


class OracleView(NamedTuple):
    """What `evaluate` should say."""

    ever: Levels
    now: Levels
    caps: dict[CertificateId, int]
    covered: dict[CertificateId, frozenset[bytes]]


def judge(edges: Collection[PlainEdge], cuts: Collection[PlainCut]) -> OracleView:
    """Both stages: what ever was, then what lives."""
    nodes = {key for edge in edges for key in (edge.issuer, edge.audience, edge.subject)}
    nodes |= {cut.issuer for cut in cuts}
    ever = reaches(nodes, edges, {edge.id: int(edge.power) for edge in edges})
    covered: dict[CertificateId, frozenset[bytes]] = {}
    for edge in edges:
        revokers = {cut.issuer for cut in cuts if cut.target == edge.id}
        covered[edge.id] = frozenset(
            node
            for key in revokers
            for node in nodes
            if node == key or ever.get((node, key), 0) == 4
        )
    renounced = {edge.id for edge in edges if PlainCut(edge.audience, edge.id) in set(cuts)}

    caps = {edge.id: 0 for edge in edges}
    changed = True
    while changed:
        changed = False
        for edge in edges:
            avoid = covered[edge.id]
            if edge.id in renounced or edge.subject in avoid or edge.issuer in avoid:
                continue
            levels = reaches(nodes, edges, caps, avoid)
            cap = min(int(edge.power), levels.get((edge.subject, edge.issuer), 0))
            if cap > caps[edge.id]:
                caps[edge.id] = cap
                changed = True
    return OracleView(ever, reaches(nodes, edges, caps), caps, covered)
