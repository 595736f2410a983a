from access.people import sealing_secret
from sakya_sync.access.power import Power
from sakya_sync.ids import SealingKey
from sakya_sync.linking.channel import FrameType
from sakya_sync.linking.machine import AskApproval, Enrolled, Register
from sakya_sync.linking.messages import hello
from sakya_sync.linking.tables import LinkingState

from .pair import (
    ACCOUNT,
    LAPTOP,
    NOW,
    TABLET,
    TOKEN,
    VOUCHING,
    opened,
    provisioned,
    shown_by_existing,
    typed,
)


def test_the_person_may_choose_name_and_power() -> None:
    made = opened(typed())
    made.existing.approve(
        LAPTOP, ACCOUNT, VOUCHING, token=TOKEN, power=Power.ADMIN, name="The\nkitchen"
    )
    made.carry()
    assert made.event(Register).name == "The kitchen"
    assert made.event(Register).delegation.power is Power.ADMIN
    made.new.registered()
    made.carry()
    assert made.event(Enrolled).name == "The kitchen"


def test_nothing_happens_out_of_turn() -> None:
    made = typed()
    made.existing.approve(LAPTOP, ACCOUNT, VOUCHING, token=TOKEN)
    made.existing.deny()
    made.existing.shared()
    made.existing.type_check_code("123456")
    assert made.existing.state is LinkingState.MEETING
    opened(made)
    made.existing.shared()
    made.approve()
    made.existing.approve(LAPTOP, ACCOUNT, VOUCHING, token=TOKEN)
    assert not made.existing.outgoing()


def test_keys_are_sealed_only_to_a_device_that_accepted() -> None:
    made = provisioned(typed())
    assert not any(isinstance(event, Enrolled) for event in made.told)
    made.new.registered()
    made.carry()
    assert made.event(Enrolled).acceptance.sealing_key == made.event(AskApproval).hello.sealing_key


def test_a_sealing_key_of_small_order_is_refused() -> None:
    made = shown_by_existing()
    made.check()
    again = shown_by_existing()
    again.carry()
    again.existing.type_check_code(again.existing._check_code or "")
    channel = again.new._channel
    assert channel is not None
    lock = sealing_secret("tablet")
    lock.public = SealingKey(bytes(32))
    said = hello(channel.transcript, TABLET, lock, name="Tablet", platform="L", version="1")
    again.existing.receive(channel.seal(FrameType.HELLO, said.encode()), NOW)
    assert again.existing.state is LinkingState.FAILED
