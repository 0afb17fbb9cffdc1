package io.playhead.client;

/** What happens to a publish that would exceed {@code maxPending}. */
public enum BacklogPolicy {
  /** It is refused with BACKLOG_FULL, and nothing of it is stored. */
  REFUSE(dev.playhead.v1.BacklogPolicy.BACKLOG_POLICY_REFUSE),
  /** It is stored, and the oldest messages of the backlog count as acknowledged. */
  DROP_OLDEST(dev.playhead.v1.BacklogPolicy.BACKLOG_POLICY_DROP_OLDEST),
  /** It waits until there is room. */
  WAIT(dev.playhead.v1.BacklogPolicy.BACKLOG_POLICY_WAIT);

  private final dev.playhead.v1.BacklogPolicy wire;

  BacklogPolicy(dev.playhead.v1.BacklogPolicy wire) {
    this.wire = wire;
  }

  dev.playhead.v1.BacklogPolicy wire() {
    return wire;
  }

  static BacklogPolicy ofWire(dev.playhead.v1.BacklogPolicy wire) {
    for (BacklogPolicy policy : values()) {
      if (policy.wire == wire) {
        return policy;
      }
    }
    return REFUSE;
  }
}
