package io.playhead.client;

import java.util.OptionalLong;

/** The requests of one publishAll. */
final class PublishAllRun {
  private PublishBatch last;
  private int pendingCount;
  private long messageCount;
  private OptionalLong lastTimestampNs = OptionalLong.empty();
  private PlayheadException error;

  /** A message went into this request; several in a row may go into the same. */
  void follow(PublishBatch batch) {
    synchronized (this) {
      if (batch == last) {
        return;
      }
      last = batch;
      pendingCount += 1;
    }
    var unused = batch.outcome().whenComplete((ack, failure) -> settle(batch, ack, failure));
  }

  synchronized boolean hasFailed() {
    return error != null;
  }

  /** Blocks until all is settled. Throws the first error. */
  synchronized PublishedAll await(String operation) {
    while (pendingCount > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Errors.cancelled(operation, e);
      }
    }
    if (error != null) {
      throw error.here();
    }
    return new PublishedAll(messageCount, lastTimestampNs);
  }

  private synchronized void settle(PublishBatch batch, PublishAck ack, Throwable failure) {
    pendingCount -= 1;
    if (failure == null) {
      messageCount += batch.count();
      long timestampNs = ack.lastTimestampNs();
      lastTimestampNs = OptionalLong.of(Math.max(timestampNs, lastTimestampNs.orElse(timestampNs)));
    } else if (error == null) {
      error = Futures.errorOf(failure);
    }
    notifyAll();
  }
}
