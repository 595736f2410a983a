"""The device that has the account: it names, approves, delegates, and seals the keys.

Spec: docs/protocol.md#linking.
"""

from hmac import compare_digest

from sakya_sync.access.certificates import Certificate, Delegation, check_sealing_key, delegate
from sakya_sync.access.power import Power
from sakya_sync.errors import CertificateInvalid, LinkingError
from sakya_sync.ids import SubjectId
from sakya_sync.linking.channel import Frame, FrameType
from sakya_sync.linking.greeting import Greeting
from sakya_sync.linking.machine import AskApproval, Enrolled, Linking, Reason, expect
from sakya_sync.linking.messages import (
    TOKEN_BYTES,
    Hello,
    Provision,
    Refusal,
    read_done,
    read_hello,
    shown,
)
from sakya_sync.linking.tables import LinkingSignal, LinkingState
from sakya_sync.linking.tags import device_tag
from sakya_sync.seal.keys import SigningKey


class ExistingDevice(Linking):
    """See the module."""

    def __init__(
        self, greeting: Greeting, now: float, meet_within: float, tag: bytes | None = None
    ) -> None:
        """Args: tag: the device that was to be expected, where a code named one."""
        super().__init__(greeting, now, meet_within)
        self._tag = tag
        self._hello: Hello | None = None
        self._granted: Delegation | None = None
        self._name = ""

    def approve(
        self,
        issuer: SigningKey,
        account: SubjectId,
        certificates: tuple[Certificate, ...],
        *,
        token: bytes,
        power: Power = Power.WRITE,
        name: str | None = None,
    ) -> None:
        """A person wants the device that was named to belong to the account.

        Args:
            issuer: the key of this device, which must have admin over the account.
            certificates: `vouching` for it.
            token: 32 random bytes that the relay was told of.
            name: what to call the new device, if not by the name it gave.
        """
        if self.state is not LinkingState.APPROVING:
            return
        assert self._hello is not None
        assert len(token) == TOKEN_BYTES
        self._granted = delegate(issuer, self._hello.device, account, power)
        self._name = shown(name or self._hello.name) or self._hello.name
        provision = Provision(account, token, self._name, self._granted, certificates)
        self._send(FrameType.PROVISION, provision.encode())
        self._move(LinkingSignal.APPROVED)

    def deny(self) -> None:
        """A person does not want it."""
        if self.state is LinkingState.APPROVING:
            self._fail(Reason.CANCELLED, Refusal.DENIED)

    def shared(self) -> None:
        """Every key is sealed to the new device, and at the relay."""
        if self.state is LinkingState.SHARING:
            self._send(FrameType.SHARED)
            self._end()

    def _take_frame(self, frame: Frame) -> None:
        assert self._channel is not None
        if self.state is LinkingState.OPEN:
            hello = read_hello(expect(frame, FrameType.HELLO), self._channel.transcript)
            self._check(hello)
            self._hello = hello
            self._move(LinkingSignal.GREETED)
            self._events.append(AskApproval(hello))
        elif self.state is LinkingState.PROVISIONING:
            self._enrol(expect(frame, FrameType.DONE))
        else:
            raise LinkingError("a frame out of its turn")

    def _check(self, hello: Hello) -> None:
        try:
            check_sealing_key(hello.sealing_key)
        except CertificateInvalid as error:
            raise LinkingError(error.details["detail"]) from None
        tag = device_tag(hello.device, hello.sealing_key)
        if self._tag is not None and not compare_digest(tag, self._tag):
            raise LinkingError("another device than the code named")

    def _enrol(self, body: bytes) -> None:
        acceptance = read_done(body)
        assert self._hello is not None
        assert self._granted is not None
        wanted = (
            self._hello.device, self._hello.sealing_key, self._granted.subject, self._granted.id,
        )  # fmt: skip
        said = (
            acceptance.device, acceptance.sealing_key, acceptance.account, acceptance.delegation,
        )  # fmt: skip
        if wanted != said:
            raise LinkingError("an acceptance of something else")
        self._move(LinkingSignal.REGISTERED)
        self._events.append(Enrolled(self._hello, self._name, self._granted, acceptance))
