"""What becomes of a delivery."""

from __future__ import annotations

from dataclasses import dataclass

from playhead.v1 import subscription_pb2 as pb


@dataclass(frozen=True, slots=True)
class Ack:
    """Done."""

    def write(self, settlement: pb.Settlement) -> None:
        """Encodes it."""
        settlement.ack.SetInParent()


@dataclass(frozen=True, slots=True)
class Nack:
    """Not done: deliver it again."""

    delay_ms: int | None
    is_unseen: bool = False
    """Nobody has seen it: the delivery does not count."""

    def write(self, settlement: pb.Settlement) -> None:
        """Encodes it."""
        settlement.nack.SetInParent()
        settlement.nack.is_unseen = self.is_unseen
        if self.delay_ms is not None:
            settlement.nack.delay_ms = self.delay_ms


@dataclass(frozen=True, slots=True)
class Extend:
    """Not done yet: keep the lease."""

    lease_ms: int

    def write(self, settlement: pb.Settlement) -> None:
        """Encodes it."""
        settlement.extend.lease_ms = self.lease_ms
        settlement.extend.SetInParent()


@dataclass(frozen=True, slots=True)
class Terminate:
    """Never to be done: a dead letter."""

    reason: str

    def write(self, settlement: pb.Settlement) -> None:
        """Encodes it."""
        settlement.terminate.reason = self.reason
        settlement.terminate.SetInParent()


Action = Ack | Nack | Extend | Terminate

ACK = Ack()
UNSEEN = Nack(None, is_unseen=True)
