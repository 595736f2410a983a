from sakya_sync.linking.machine import Register
from sakya_sync.linking.tables import LinkingState

from .pair import ACCOUNT, TABLET, opened, provisioned, shown_by_new, typed


def test_a_device_accepts_what_it_was_handed_and_waits_for_the_relay() -> None:
    made = provisioned(shown_by_new())
    found = made.event(Register)
    assert found.account == ACCOUNT
    assert found.acceptance.device == TABLET.public
    assert {found.delegation, found.acceptance} <= set(found.certificates)
    assert made.new.state is LinkingState.PROVISIONING
    assert not made.new.outgoing()


def test_nothing_happens_out_of_turn() -> None:
    made = typed()
    made.new.registered()
    made.new.not_registered()
    # Its share alone.
    assert len(made.new._outgoing) == 1
    opened(made)
    made.new.registered()
    assert not made.new.outgoing()
    made.approve()
    made.new.registered()
    made.new.not_registered()
    assert len(made.new.outgoing()) == 1
