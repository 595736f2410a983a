"""The device that is to have the account: it says who it is, checks what it is handed, accepts.

Spec: docs/protocol.md#linking.
"""

from dataclasses import dataclass

from sakya_sync.access.certificates import accept
from sakya_sync.errors import LinkingError
from sakya_sync.linking.channel import Frame, FrameType
from sakya_sync.linking.greeting import Greeting
from sakya_sync.linking.machine import Linking, Reason, Register, expect
from sakya_sync.linking.messages import Refusal, hello, read_provision
from sakya_sync.linking.tables import LinkingSignal, LinkingState
from sakya_sync.linking.vouching import check_provision
from sakya_sync.seal.keys import SealingSecret, SigningKey


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The new device's keys, and how it describes itself."""

    signing: SigningKey
    sealing: SealingSecret
    name: str
    platform: str
    version: str


class NewDevice(Linking):
    """See the module."""

    def __init__(
        self,
        newcomer: Newcomer,
        greeting: Greeting,
        now: float,
        meet_within: float,
        tag: bytes | None = None,
    ) -> None:
        """Args: tag: the account that was to be expected, where a code named one."""
        super().__init__(greeting, now, meet_within)
        self._newcomer = newcomer
        self._tag = tag
        self._acceptance = b""

    def registered(self) -> None:
        """The relay knows this device, and its keys are kept."""
        if self.state is LinkingState.PROVISIONING:
            self._send(FrameType.DONE, self._acceptance)
            self._move(LinkingSignal.REGISTERED)

    def not_registered(self) -> None:
        """The relay would not take it, or the keys could not be kept."""
        if self.state is LinkingState.PROVISIONING:
            self._fail(Reason.NOT_REGISTERED, Refusal.NOT_REGISTERED)

    def _opened(self) -> None:
        assert self._channel is not None
        who = self._newcomer
        said = hello(
            self._channel.transcript,
            who.signing,
            who.sealing,
            name=who.name,
            platform=who.platform,
            version=who.version,
        )
        self._send(FrameType.HELLO, said.encode())
        self._move(LinkingSignal.GREETED)

    def _take_frame(self, frame: Frame) -> None:
        if self.state is LinkingState.APPROVING:
            self._accept(expect(frame, FrameType.PROVISION))
        elif self.state is LinkingState.SHARING:
            if expect(frame, FrameType.SHARED):
                raise LinkingError("a frame that says too much")
            self._end()
        else:
            raise LinkingError("a frame out of its turn")

    def _accept(self, body: bytes) -> None:
        provision = read_provision(body)
        who = self._newcomer
        granted = provision.delegation
        acceptance = accept(who.signing, provision.account, who.sealing.public, granted.id)
        certificates = check_provision(provision, acceptance, self._tag)
        self._acceptance = acceptance.encode()
        self._move(LinkingSignal.APPROVED)
        self._events.append(
            Register(
                provision.account,
                provision.name,
                provision.token,
                granted,
                acceptance,
                certificates,
            )
        )
