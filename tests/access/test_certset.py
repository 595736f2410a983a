import random

import pytest

from sakya_sync.access import certset
from sakya_sync.access.certificates import Certificate, Delegation, delegate, revoke
from sakya_sync.access.certset import EMPTY, CertificateSet
from sakya_sync.access.hashing import h32
from sakya_sync.access.power import Power
from sakya_sync.errors import LimitExceeded

from .people import signing_key, subject

OWNER = signing_key("owner")


def certificates() -> list[Certificate]:
    granted: list[Delegation] = [
        delegate(OWNER, signing_key(f"member {number}").public, subject("owner"), Power.READ)
        for number in range(6)
    ]
    return [*granted, revoke(OWNER, granted[0].id), revoke(OWNER, granted[1].id)]


def test_a_digest_names_the_set_and_not_its_order() -> None:
    items = certificates()
    shuffled = random.Random(1).sample(items, len(items))
    assert CertificateSet(items) == CertificateSet(shuffled + items)
    assert CertificateSet(items).digest == CertificateSet(shuffled).digest
    ids = b"".join(sorted(item.id for item in items))
    assert CertificateSet(items).digest == h32(b"SakyaCertSet1", ids)


def test_every_subset_has_its_own_digest() -> None:
    items = certificates()
    chosen = [
        CertificateSet(item for number, item in enumerate(items) if mask >> number & 1)
        for mask in range(2 ** len(items))
    ]
    assert len({held.digest for held in chosen}) == len(set(chosen)) == 2 ** len(items)


def test_merging_is_union() -> None:
    items = certificates()
    left, right = CertificateSet(items[:5]), CertificateSet(items[3:])
    assert left.union(right) == right.union(left) == CertificateSet(items)
    assert left.union(left) is left
    assert left.union(EMPTY) is left
    assert len(left) == 5


def test_adding_leaves_the_old_set_as_it_was() -> None:
    items = certificates()
    held = CertificateSet(items[:2])
    assert items[3] not in held
    assert items[3] in held.add([items[3]])
    assert items[3] not in held
    assert items[0].id in held
    assert held.get(items[0].id) == items[0]
    assert held.get(items[3].id) is None


def test_kinds_are_told_apart() -> None:
    held = CertificateSet(certificates())
    assert len(list(held.delegations())) == 6
    assert len(list(held.revocations())) == 2
    assert not list(held.acceptances())
    assert len(list(held)) == 8


def test_a_set_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certset, "CERTIFICATES_MAX", 7)
    with pytest.raises(LimitExceeded):
        CertificateSet(certificates())
