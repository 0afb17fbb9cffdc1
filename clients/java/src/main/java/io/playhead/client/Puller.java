package io.playhead.client;

import dev.playhead.v1.AcknowledgeRequest;
import dev.playhead.v1.AcknowledgeResponse;
import dev.playhead.v1.PullRequest;
import dev.playhead.v1.PullResponse;
import dev.playhead.v1.SubscriptionServiceGrpc;
import java.util.List;
import java.util.Optional;

/**
 * Pulls from one subscription, and settles what was pulled: what is settled at about the same time
 * in one request.
 */
final class Puller {
  /** What the broker takes in one Acknowledge. */
  private static final int MAX_SETTLEMENTS = 10_000;

  /** Requests under way; what is settled meanwhile goes out together. */
  private static final int MAX_REQUESTS = 8;

  private final Connection connection;
  private final String topic;
  private final String subscription;
  private final DurableSubscription.Registry registry;
  private final Object lock = new Object();
  private final SettlementQueue settlements;
  private boolean isFlushing;
  private int requestCount;
  private long leaseCount;

  Puller(
      Connection connection,
      String topic,
      String subscription,
      DurableSubscription.Registry registry) {
    this.connection = connection;
    this.topic = topic;
    this.subscription = subscription;
    this.registry = registry;
    settlements = new SettlementQueue(lock, connection.executor(), new QueueOwner());
  }

  Pulled pull(PullOptions options) {
    long waitMs = Clock.toMs(options.maxWait());
    PullRequest request =
        PullRequest.newBuilder()
            .setTopic(topic)
            .setSubscription(subscription)
            .setMaxMessages(options.maxMessages())
            .setMaxBytes(options.maxBytes())
            .setWaitMs(Math.toIntExact(waitMs))
            .setLeaseMs(Clock.toMs(options.lease()))
            .build();
    PullResponse response =
        connection.requestWaiting(
            SubscriptionServiceGrpc.getPullMethod(),
            request,
            "pull from " + subscription + " of " + topic,
            waitMs);
    List<Delivery> deliveries;
    synchronized (lock) {
      deliveries =
          Leases.deliver(
              settlements,
              topic,
              response.getMessagesList(),
              response.getLeasesList(),
              leaseCount,
              Long.MAX_VALUE);
      leaseCount += response.getLeasesCount();
    }
    return new Pulled(
        deliveries,
        response.hasDrained()
            ? Optional.of(new ConsumptionEnd.Drained(response.getDrained().getReason()))
            : Optional.empty());
  }

  /** Waits for the answers to what was settled; DEADLINE_EXCEEDED after so long. */
  void closeWithin(long timeoutMs) {
    long untilMs = Clock.nowMs() + timeoutMs;
    synchronized (lock) {
      while (!isIdle()) {
        try {
          long leftMs = untilMs - Clock.nowMs();
          if (leftMs <= 0) {
            String operation = "acknowledge to " + subscription + " of " + topic;
            throw Errors.notInTime(operation, timeoutMs, null);
          }
          lock.wait(leftMs);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw Errors.cancelled("acknowledge to " + subscription + " of " + topic, e);
        }
      }
    }
  }

  private boolean isIdle() {
    return requestCount == 0 && !isFlushing && settlements.isEmpty();
  }

  private void flush() {
    synchronized (lock) {
      isFlushing = false;
      while (!settlements.isEmpty() && requestCount < MAX_REQUESTS) {
        List<SentSettlement> sent = settlements.take(MAX_SETTLEMENTS);
        requestCount += 1;
        connection.executor().execute(() -> acknowledge(sent));
      }
    }
  }

  private void acknowledge(List<SentSettlement> sent) {
    AcknowledgeRequest request =
        AcknowledgeRequest.newBuilder()
            .setTopic(topic)
            .setSubscription(subscription)
            .addAllSettlements(sent.stream().map(SentSettlement::wire).toList())
            .build();
    AcknowledgeResponse response = null;
    PlayheadException error = null;
    try {
      response =
          connection.request(
              SubscriptionServiceGrpc.getAcknowledgeMethod(),
              request,
              "acknowledge to " + subscription + " of " + topic);
      if (response.getResultsCount() != sent.size()) {
        error =
            new PlayheadException(Reason.INTERNAL, "the broker has no result for each settlement");
      }
    } catch (PlayheadException e) {
      error = e;
    }
    synchronized (lock) {
      if (error != null) {
        settlements.abandon(sent, error);
      } else {
        for (int i = 0; i < sent.size(); i++) {
          settlements.answer(sent.get(i), response.getResults(i));
        }
      }
      requestCount -= 1;
      flush();
      if (isIdle()) {
        registry.idle(this);
        lock.notifyAll();
      }
    }
  }

  /** What the queue tells, with the lock. */
  private final class QueueOwner implements SettlementQueue.Owner {
    @Override
    public void onPending() {
      if (!isFlushing) {
        registry.busy(Puller.this);
        isFlushing = true;
        connection.executor().execute(Puller.this::flush);
      }
    }

    // Nobody counts what was pulled: there is no credit.

    @Override
    public void onReleased(Lease lease, int sizeBytes) {}

    @Override
    public void onExtended(Lease lease, long leaseMs) {}
  }
}
