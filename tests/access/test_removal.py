"""A device goes, and nobody else: not those it brought in, and not who removes it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.access.certificates import Certificate, Delegation, Revocation
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.founding import enrol_device, found_account
from sakya_sync.access.members import Members
from sakya_sync.access.power import Power
from sakya_sync.access.removal import remove_device
from sakya_sync.errors import PowerMissing, RemovalNeedsKit
from sakya_sync.ids import PublicKey
from sakya_sync.seal.keys import SigningKey

from .people import sealing_key, signing_key, subject

OWNER, LAPTOP, TABLET, PHONE, STRANGER = (
    signing_key(name) for name in ("owner", "laptop", "tablet", "phone", "stranger")
)
ACCOUNT = subject("owner")
FOUNDING = found_account(OWNER, sealing_key("owner"), LAPTOP, sealing_key("laptop"))


def enrolled(issuer: SigningKey, device: SigningKey, power: Power) -> tuple[Certificate, ...]:
    lock = sealing_key(device.public.hex())
    return enrol_device(issuer, device, lock, power, account=ACCOUNT)


HELD = CertificateSet(
    [
        *FOUNDING,
        *enrolled(LAPTOP, TABLET, Power.ADMIN),
        *enrolled(TABLET, PHONE, Power.WRITE),
    ]
)


def devices(held: CertificateSet) -> dict[PublicKey, Power]:
    return Members(held).devices(ACCOUNT)


def test_a_device_goes_and_those_it_brought_in_stay() -> None:
    made = remove_device(HELD, ACCOUNT, LAPTOP, TABLET.public)
    assert devices(HELD.add(made)) == {
        OWNER.public: Power.ADMIN,
        LAPTOP.public: Power.ADMIN,
        PHONE.public: Power.WRITE,
    }
    # Whoever loses nothing is granted nothing, and nobody is out for a moment.
    assert [type(item) for item in made] == [Delegation, Revocation]
    assert devices(HELD.add(made[:1])).keys() == devices(HELD).keys()


def test_a_device_at_the_end_of_its_branch_goes_alone() -> None:
    made = remove_device(HELD, ACCOUNT, TABLET, PHONE.public)
    assert [type(item) for item in made] == [Revocation]
    assert PHONE.public not in devices(HELD.add(made))


def test_nobody_cuts_the_branch_they_stand_on_but_the_kit_can() -> None:
    with pytest.raises(RemovalNeedsKit):
        remove_device(HELD, ACCOUNT, TABLET, LAPTOP.public)
    made = remove_device(HELD, ACCOUNT, OWNER, LAPTOP.public)
    assert devices(HELD.add(made)) == {
        OWNER.public: Power.ADMIN,
        TABLET.public: Power.ADMIN,
        PHONE.public: Power.WRITE,
    }


@pytest.mark.parametrize("key", [PHONE, STRANGER])
def test_who_is_no_admin_removes_nobody(key: SigningKey) -> None:
    with pytest.raises(PowerMissing):
        remove_device(HELD, ACCOUNT, key, TABLET.public)


def test_who_is_gone_or_was_never_there_needs_nothing() -> None:
    made = remove_device(HELD, ACCOUNT, LAPTOP, TABLET.public)
    assert remove_device(HELD.add(made), ACCOUNT, LAPTOP, TABLET.public) == ()
    assert remove_device(HELD, ACCOUNT, LAPTOP, STRANGER.public) == ()


def test_a_device_that_was_removed_is_not_let_in_by_its_old_acceptance() -> None:
    gone = HELD.add(remove_device(HELD, ACCOUNT, LAPTOP, TABLET.public))
    (again, _) = enrolled(OWNER, TABLET, Power.ADMIN)
    assert TABLET.public not in devices(gone.add([again]))


@settings(max_examples=30)
@given(st.data())
def test_in_any_account_one_removal_takes_one_device(data: st.DataObject) -> None:
    keys = [OWNER, LAPTOP]
    certificates: list[Certificate] = [*FOUNDING]
    for number in range(data.draw(st.integers(1, 5))):
        issuer = data.draw(st.sampled_from(keys))
        fresh = signing_key(f"device {number}")
        power = data.draw(st.sampled_from([Power.ADMIN, Power.WRITE]))
        certificates += enrolled(issuer, fresh, power)
        if power is Power.ADMIN:
            keys.append(fresh)
    held = CertificateSet(certificates)
    before = devices(held)
    target = data.draw(st.sampled_from(sorted(before.keys() - {OWNER.public})))
    made = remove_device(held, ACCOUNT, OWNER, target)
    after = devices(held.add(made))
    assert after == {key: power for key, power in before.items() if key != target}
