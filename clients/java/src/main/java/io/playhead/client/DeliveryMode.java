package io.playhead.client;

/** To whom the messages of a durable subscription go. */
public enum DeliveryMode {
  /** Every message to one of the workers. */
  SHARED(dev.playhead.v1.DeliveryMode.DELIVERY_MODE_SHARED),
  /** All to one worker, in order; when it goes, the one that has waited longest takes over. */
  EXCLUSIVE(dev.playhead.v1.DeliveryMode.DELIVERY_MODE_EXCLUSIVE),
  /** Messages of one key one at a time and in order, those of different keys in parallel. */
  KEY_ORDERED(dev.playhead.v1.DeliveryMode.DELIVERY_MODE_KEY_ORDERED);

  private final dev.playhead.v1.DeliveryMode wire;

  DeliveryMode(dev.playhead.v1.DeliveryMode wire) {
    this.wire = wire;
  }

  dev.playhead.v1.DeliveryMode wire() {
    return wire;
  }

  static DeliveryMode ofWire(dev.playhead.v1.DeliveryMode wire) {
    for (DeliveryMode mode : values()) {
      if (mode.wire == wire) {
        return mode;
      }
    }
    return SHARED;
  }
}
