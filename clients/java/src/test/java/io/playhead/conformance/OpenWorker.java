package io.playhead.conformance;

import com.google.gson.JsonObject;
import io.playhead.client.Consumption;
import io.playhead.client.ConsumptionEnd;
import io.playhead.client.Delivery;
import io.playhead.client.PlayheadException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A consumption that is read. */
final class OpenWorker {
  private final Consumption consumption;
  private final Iterator<Delivery> deliveries;

  OpenWorker(Consumption consumption) {
    this.consumption = consumption;
    deliveries = consumption.iterator();
  }

  /** Waits until there are so many, or the end. */
  synchronized List<Delivery> next(int count) {
    List<Delivery> taken = new ArrayList<>();
    try {
      while (taken.size() < count && deliveries.hasNext()) {
        taken.add(deliveries.next());
      }
    } catch (PlayheadException e) {
      // Why it has ended: ended() tells.
      return taken;
    }
    return taken;
  }

  /** Why it is over; null while it is not, and if it was closed. */
  JsonObject end() {
    ConsumptionEnd end = consumption.ended().orElse(null);
    if (end instanceof ConsumptionEnd.Drained drained) {
      JsonObject fields = new JsonObject();
      fields.addProperty("reason", drained.reason());
      return Answers.of("drained", fields);
    }
    if (end instanceof ConsumptionEnd.SubscriptionDeleted) {
      return Answers.of("deleted", Answers.empty());
    }
    return end instanceof ConsumptionEnd.Failed failed
        ? Answers.of("failed", Driver.error(failed.error()))
        : null;
  }

  void close() {
    consumption.close();
  }
}
