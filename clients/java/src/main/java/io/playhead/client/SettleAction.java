package io.playhead.client;

import dev.playhead.v1.Ack;
import dev.playhead.v1.Extend;
import dev.playhead.v1.Nack;
import dev.playhead.v1.Settlement;
import dev.playhead.v1.Terminate;
import java.util.OptionalLong;

/** What becomes of a delivery. */
sealed interface SettleAction {
  /** What all acknowledgements have in common. */
  SettleAction ACKNOWLEDGE = new Acknowledge();

  /** Nobody has seen it: the delivery does not count. */
  SettleAction UNSEEN = new GiveBack(OptionalLong.empty(), true);

  /** Sets the action of a settlement. */
  void encode(Settlement.Builder wire);

  /** Done. */
  record Acknowledge() implements SettleAction {
    @Override
    public void encode(Settlement.Builder wire) {
      wire.setAck(Ack.getDefaultInstance());
    }
  }

  /**
   * Not done.
   *
   * @param delayMs empty: as the subscription's backoff says
   */
  record GiveBack(OptionalLong delayMs, boolean isUnseen) implements SettleAction {
    @Override
    public void encode(Settlement.Builder wire) {
      Nack.Builder nack = Nack.newBuilder().setIsUnseen(isUnseen);
      delayMs.ifPresent(nack::setDelayMs);
      wire.setNack(nack);
    }
  }

  /**
   * Not done yet.
   *
   * @param leaseMs 0: as the subscription says
   */
  record Prolong(long leaseMs) implements SettleAction {
    @Override
    public void encode(Settlement.Builder wire) {
      wire.setExtend(Extend.newBuilder().setLeaseMs(leaseMs));
    }
  }

  /**
   * Never to be done.
   *
   * @param reason at most 1024 bytes
   */
  record Bury(String reason) implements SettleAction {
    @Override
    public void encode(Settlement.Builder wire) {
      wire.setTerminate(Terminate.newBuilder().setReason(reason));
    }
  }
}
