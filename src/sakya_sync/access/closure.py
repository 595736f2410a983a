"""Who reaches whom, and at what power: the fixpoint beneath the evaluator.

A delegation is an arc from its subject to its audience. It may be used while its issuer reaches its
subject, so arcs open arcs; the least fixpoint is found with a worklist, power by power from the
highest, so that the first time something is found is also its final level.

A *context* is a set of issuers left out. Context 0 leaves out nobody and answers questions; the
others exist for delegations that a revocation covers, whose issuers must be reached without the
covered keys. See docs/architecture.md#access.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SubjectId

MAIN = 0


class Edge(Protocol):
    """What the evaluator needs of a delegation; a certificate is one."""

    @property
    def id(self) -> CertificateId: ...
    @property
    def issuer(self) -> PublicKey: ...
    @property
    def audience(self) -> PublicKey: ...
    @property
    def subject(self) -> SubjectId: ...
    @property
    def power(self) -> Power: ...


class Context:
    """What is reached while `excluded` may issue nothing. Filled in by `close`."""

    __slots__ = ("_arcs", "_holders", "_used", "excluded", "reach")

    def __init__(self, excluded: frozenset[PublicKey], sources: Iterable[PublicKey]) -> None:
        self.excluded = excluded
        self.reach: dict[PublicKey, dict[PublicKey, Power]] = {}
        self._holders: dict[PublicKey, list[PublicKey]] = {}
        self._arcs: dict[PublicKey, list[PublicKey]] = {}
        self._used: set[CertificateId] = set()
        for source in sources:
            self.reach[source] = {source: Power.ADMIN}
            self._holders[source] = [source]

    def level(self, subject: PublicKey, key: PublicKey) -> Power | None:
        """The power `key` has over `subject` here; everybody is admin of themselves."""
        if subject == key:
            return Power.ADMIN
        row = self.reach.get(subject)
        return row.get(key) if row else None


def close(
    edges: Sequence[Edge], contexts: Sequence[Context], own: Mapping[CertificateId, int]
) -> None:
    """Fill in `contexts`.

    Args:
        edges: the delegations, without those that are denied outright.
        contexts: each with all the subjects among its sources that a route in it can pass.
        own: the context a delegation's own issuer has to be reached in; MAIN for those not named.
    """
    run = _Run(contexts, own)
    for level in sorted(Power, reverse=True):
        eligible = [edge for edge in edges if edge.power == level]
        run.level = level
        for edge in eligible:
            run.grants.setdefault((edge.subject, edge.issuer), []).append(edge)
        for edge in eligible:
            for index in range(len(contexts)):
                run.use(index, edge)
        run.drain()


class _Run:
    def __init__(self, contexts: Sequence[Context], own: Mapping[CertificateId, int]) -> None:
        self.level = Power.ADMIN
        self.grants: dict[tuple[PublicKey, PublicKey], list[Edge]] = {}
        self._contexts = contexts
        self._own = own
        self._todo: list[tuple[int, PublicKey, PublicKey]] = []

    def use(self, index: int, edge: Edge) -> None:
        """Open the edge's arc in a context, once its issuer is reached there and in its own."""
        context = self._contexts[index]
        if edge.id in context._used or edge.issuer in context.excluded:
            return
        if edge.issuer not in context.reach.get(edge.subject, ()):
            return
        own = self._own.get(edge.id, MAIN)
        if own != index:
            home = self._contexts[own]
            if edge.issuer in home.excluded or edge.issuer not in home.reach.get(edge.subject, ()):
                return
        context._used.add(edge.id)
        context._arcs.setdefault(edge.subject, []).append(edge.audience)
        audience = edge.audience
        self._todo.extend((index, source, audience) for source in context._holders[edge.subject])

    def drain(self) -> None:
        """Follow what was found until nothing new turns up."""
        todo, contexts, level = self._todo, self._contexts, self.level
        while todo:
            index, source, key = todo.pop()
            context = contexts[index]
            row = context.reach[source]
            if key in row:
                continue
            row[key] = level
            context._holders.setdefault(key, []).append(source)
            todo.extend((index, source, audience) for audience in context._arcs.get(key, ()))
            for edge in self.grants.get((source, key), ()):
                self._reached(index, edge)

    def _reached(self, index: int, edge: Edge) -> None:
        if self._own.get(edge.id, MAIN) == index:
            for other in range(len(self._contexts)):
                self.use(other, edge)
        else:
            self.use(index, edge)
