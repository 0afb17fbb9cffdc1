package io.playhead.client;

import dev.playhead.v1.Settlement;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One settlement as it travels, and who waits for its result. It does not keep the messages.
 *
 * @param futures one for each delivery
 * @param lease null unless it is an extension
 * @param extension null unless it is an extension
 */
record SentSettlement(
    Settlement wire, List<CompletableFuture<Void>> futures, Lease lease, Extension extension) {
  /** Number of deliveries. */
  int count() {
    return futures.size();
  }
}
