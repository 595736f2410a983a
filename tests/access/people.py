"""Keys with names, so that a scenario reads like one; and certificates without signatures."""

from hashlib import blake2b

from sakya_sync.access.evaluator import View, evaluate_edges
from sakya_sync.access.power import Power
from sakya_sync.ids import CertificateId, PublicKey, SealingKey, SubjectId
from sakya_sync.seal.keys import SealingSecret, SigningKey

from .oracle import PlainCut, PlainEdge


def digest(text: str) -> bytes:
    """32 bytes that are the same in every run."""
    return blake2b(text.encode(), digest_size=32).digest()


def signing_key(name: str) -> SigningKey:
    """The signing key of somebody called that."""
    return SigningKey(digest(f"signing {name}"))


def sealing_secret(name: str) -> SealingSecret:
    """The sealing secret of somebody called that."""
    return SealingSecret(digest(f"sealing {name}"))


def sealing_key(name: str) -> SealingKey:
    """The public sealing key of somebody called that."""
    return sealing_secret(name).public


def subject(name: str) -> SubjectId:
    """Somebody's key as a subject."""
    return SubjectId(signing_key(name).public)


def key(name: str) -> SubjectId:
    """A node of a plain graph; as good as any key while nothing is signed."""
    return SubjectId(PublicKey(digest(name)))


class Graph:
    """Plain certificates by name. Only ever grows, like the real thing."""

    def __init__(self) -> None:
        self.edges: list[PlainEdge] = []
        self.cuts: list[PlainCut] = []

    def grant(
        self, issuer: str, audience: str, over: str, power: Power = Power.ADMIN, cites: str = ""
    ) -> CertificateId:
        """`issuer` delegates; the same words give the same certificate."""
        named = CertificateId(digest(f"{issuer}>{audience}/{over}:{power}{cites}"))
        self.edges.append(PlainEdge(named, key(issuer), key(audience), key(over), power))
        return named

    def revoke(self, issuer: str, target: CertificateId) -> None:
        """`issuer` revokes."""
        self.cuts.append(PlainCut(key(issuer), target))

    @property
    def view(self) -> View:
        """What it all says now."""
        return evaluate_edges(self.edges, self.cuts)

    def power(self, over: str, name: str) -> Power | None:
        """What somebody may do now."""
        return self.view.power(key(over), key(name))

    def ever(self, over: str, name: str) -> Power | None:
        """What somebody may do or once might."""
        return self.view.ever(key(over), key(name))
