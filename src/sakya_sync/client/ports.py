"""What a client asks of the world, together."""

from dataclasses import dataclass

from sakya_sync.ports import Clock, Connector, Entropy


@dataclass(frozen=True, slots=True)
class Ports:
    """Time, dice and the network."""

    clock: Clock
    entropy: Entropy
    connector: Connector

    @classmethod
    def real(cls) -> "Ports":
        """The computer's own."""
        from sakya_sync.system import SystemClock, SystemEntropy
        from sakya_sync.transport.websocket import WebSocketConnector

        return cls(SystemClock(), SystemEntropy(), WebSocketConnector())
