"""What a set of certificates says: Keyline's rules, in threshold form.

A revocation covers its target with its issuer's *admin reach*: the issuer and every key that it is,
or by any certificate ever was, an admin of. A delegation lives while its issuer is reached from its
subject on some route of living delegations that passes no covered key, and its audience has not
renounced it. So issuers and audiences deny for ever, admins deny whatever hangs below them, nobody
cuts the branch they stand on, and no merge brings back what was denied: that takes a new signature.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.closure import MAIN, Context, Edge, close
from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SubjectId


class Cut(Protocol):
    """What the evaluator needs of a revocation; a certificate is one."""

    @property
    def issuer(self) -> PublicKey: ...
    @property
    def target(self) -> CertificateId: ...


class View:
    """The answers for one set of certificates; made by `evaluate`, never changed."""

    __slots__ = ("_denied", "_edges", "_ever", "_homes", "_now")

    def __init__(
        self,
        edges: Mapping[CertificateId, Edge],
        ever: Context,
        now: Context,
        homes: Mapping[CertificateId, Context],
        denied: frozenset[CertificateId],
    ) -> None:
        self._edges = edges
        self._ever = ever
        self._now = now
        self._homes = homes
        self._denied = denied

    def power(self, subject: SubjectId, key: PublicKey) -> Power | None:
        """What `key` may do with `subject` now. Every key is admin of itself."""
        return self._now.level(subject, key)

    def ever(self, subject: SubjectId, key: PublicKey) -> Power | None:
        """The most that `key` may do or once might, as if nothing had been revoked."""
        return self._ever.level(subject, key)

    def cap(self, delegation: CertificateId) -> Power | None:
        """What a delegation hands on now: its power, or its issuer's where that is less."""
        edge = self._edges.get(delegation)
        if edge is None or delegation in self._denied:
            return None
        level = self._homes.get(delegation, self._now).level(edge.subject, edge.issuer)
        return None if level is None else min(edge.power, level)

    def live(self, delegation: CertificateId) -> bool:
        """Whether that delegation is in the set and hands on anything now."""
        return self.cap(delegation) is not None

    def denied(self, delegation: CertificateId) -> bool:
        """Whether it is dead in every larger set too, and only a fresh certificate helps."""
        return delegation in self._denied

    def keys(self, subject: SubjectId) -> Mapping[PublicKey, Power]:
        """Every key with power over `subject` now, itself among them."""
        return dict(self._now.reach.get(subject, {subject: Power.ADMIN}))


def evaluate(certificates: CertificateSet) -> View:
    """What the set says; keep the view for as long as the set's digest stays.

    It takes milliseconds for hundreds of certificates, and is done anew when the set grows.
    """
    return evaluate_edges(certificates.delegations(), certificates.revocations())


def evaluate_edges(edges: Iterable[Edge], cuts: Iterable[Cut]) -> View:
    """The same for plain values, in any order, with or without duplicates."""
    by_id = {edge.id: edge for edge in edges}
    ever = _ever(by_id)
    revokers: dict[CertificateId, set[PublicKey]] = {}
    for cut in cuts:
        if cut.target in by_id:
            revokers.setdefault(cut.target, set()).add(cut.issuer)
    if not revokers:
        return View(by_id, ever, ever, {}, frozenset())
    return _with_cuts(by_id, ever, revokers)


def _ever(by_id: Mapping[CertificateId, Edge]) -> Context:
    ever = Context(frozenset(), {edge.subject for edge in by_id.values()})
    close(list(by_id.values()), [ever], {})
    return ever


def _with_cuts(
    by_id: Mapping[CertificateId, Edge],
    ever: Context,
    revokers: Mapping[CertificateId, set[PublicKey]],
) -> View:
    issuers = {edge.issuer for edge in by_id.values()}
    reach = _admin_reach(ever, set().union(*revokers.values()))
    denied: set[CertificateId] = set()
    starts: dict[frozenset[PublicKey], set[PublicKey]] = {}
    excluded: dict[CertificateId, frozenset[PublicKey]] = {}
    for target, keys in revokers.items():
        edge = by_id[target]
        covered = set().union(*(reach[key] for key in keys))
        # Every route starts with something the subject issued and ends at the issuer.
        if edge.audience in keys or edge.issuer in covered or edge.subject in covered:
            denied.add(target)
            continue
        # Only keys that a route from the subject could pass make a difference.
        relevant = frozenset(covered & issuers & ever.reach[edge.subject].keys())
        if relevant:
            excluded[target] = relevant
            starts.setdefault(relevant, set()).add(edge.subject)

    contexts = [Context(frozenset(), ever.reach), *_contexts(starts, ever)]
    index = {keys: number for number, keys in enumerate(starts, start=MAIN + 1)}
    own = {target: index[keys] for target, keys in excluded.items()}
    close([edge for edge in by_id.values() if edge.id not in denied], contexts, own)
    homes = {target: contexts[number] for target, number in own.items()}
    return View(by_id, ever, contexts[MAIN], homes, frozenset(denied))


def _admin_reach(
    ever: Context, revokers: Iterable[PublicKey]
) -> Mapping[PublicKey, set[PublicKey]]:
    """For each of these keys, itself and what it is or was an admin of."""
    reach = {key: {key} for key in revokers}
    for subject, row in ever.reach.items():
        for key in reach.keys() & row.keys():
            if row[key] == Power.ADMIN:
                reach[key].add(subject)
    return reach


def _contexts(
    starts: Mapping[frozenset[PublicKey], set[PublicKey]], ever: Context
) -> Iterable[Context]:
    for excluded, subjects in starts.items():
        sources = set(subjects)
        for subject in subjects:
            sources.update(ever.reach.keys() & ever.reach[subject].keys())
        yield Context(excluded, sources)
