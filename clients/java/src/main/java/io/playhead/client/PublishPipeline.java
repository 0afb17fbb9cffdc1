package io.playhead.client;

import dev.playhead.v1.BrokerServiceGrpc;
import dev.playhead.v1.GetProducerRequest;
import dev.playhead.v1.PublishResult;
import dev.playhead.v1.PublishStreamRequest;
import dev.playhead.v1.PublishStreamResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;

/**
 * Sends requests in order and keeps each until it has its result.
 *
 * <pre>
 *            push                    send                 result
 * publisher ──────▶ queue ─────────────────▶ in flight ───────────▶ settled
 *                     (at most maxInFlight)      │
 *                                  stream breaks, or a retryable result
 *                                                │
 *                                     pause, new stream, sent again in order
 * </pre>
 *
 * A request keeps its sequence and its bytes for ever, so that the broker knows it again. Of a
 * retryable result everything behind it is sent again as well: the broker ends the stream there and
 * has taken nothing that follows. Guarded by the lock of its publisher, which every method is
 * called with.
 */
final class PublishPipeline
    implements StreamCall.Listener<PublishStreamRequest, PublishStreamResponse> {
  private static final long GIVE_UP_AFTER_MS = 120_000;

  /** Every broker takes a request of this size; the limit of larger ones is asked for first. */
  private static final int UNCHECKED_BYTES = 1024 * 1024;

  /** What the pipeline needs of its publisher, and tells it. Called with the lock. */
  interface Owner {
    /**
     * A request that is not full yet but may go now, since nothing is under way; null if there is
     * none.
     */
    PublishBatch takePartial();

    /** What is being filled, whether it may go or not; null if there is nothing. */
    PublishBatch takeRest();

    void onStored(PublishBatch batch, dev.playhead.v1.PublishAck ack);

    void onFailed(PublishBatch batch, PlayheadException error);
  }

  private final Connection connection;
  private final String topic;
  private final String producer;
  private final int maxInFlight;
  private final Object lock;
  private final Owner owner;
  private final Backoff backoff;
  private final Deque<PublishBatch> queue = new ArrayDeque<>();
  private final Deque<PublishBatch> inFlight = new ArrayDeque<>();
  private StreamCall<PublishStreamRequest, PublishStreamResponse> stream;
  private ScheduledFuture<?> retry;
  private OptionalLong nextSequence;
  private int maxRequestBytes;

  /** The pipeline waits for an answer that it needs before it can send. */
  private boolean isAsking;

  private boolean isClosed;

  /**
   * `isNamed`: whether the producer outlives the publisher, so that the broker may know a sequence
   * of it.
   */
  PublishPipeline(
      Connection connection,
      String topic,
      String producer,
      boolean isNamed,
      int maxInFlight,
      Object lock,
      Owner owner) {
    this.connection = connection;
    this.topic = topic;
    this.producer = producer;
    this.maxInFlight = maxInFlight;
    this.lock = lock;
    this.owner = owner;
    nextSequence = isNamed ? OptionalLong.empty() : OptionalLong.of(1);
    backoff = connection.createBackoff(GIVE_UP_AFTER_MS);
  }

  /** Whether something waits for its result, or for its turn. */
  boolean isBusy() {
    return !inFlight.isEmpty() || !queue.isEmpty();
  }

  /** All requests that are not settled, in order. */
  List<PublishBatch> outstanding() {
    List<PublishBatch> batches = new ArrayList<>(inFlight);
    batches.addAll(queue);
    return batches;
  }

  void push(PublishBatch batch) {
    queue.add(batch);
    pump();
  }

  /** Sends what may be sent now. A fault in that fails all: whoever waits would wait for ever. */
  void pump() {
    try {
      sendAll();
    } catch (Throwable e) {
      fail(fault(e));
    }
  }

  private void sendAll() {
    boolean isCutOff = stream == null && !inFlight.isEmpty();
    if (isCutOff && !isClosed && !isAsking && retry == null) {
      open();
    }
    while (!isClosed && !isAsking && retry == null && inFlight.size() < maxInFlight) {
      if (!isBusy()) {
        PublishBatch partial = owner.takePartial();
        if (partial != null) {
          queue.add(partial);
        }
      }
      PublishBatch batch = queue.peek();
      if (batch == null || !isPrepared(batch)) {
        return;
      }
      if (isTooLarge(batch)) {
        queue.remove();
        owner.onFailed(batch, tooLarge(batch.sizeBytes()));
        continue;
      }
      if (stream == null) {
        open();
      }
      queue.remove();
      inFlight.add(batch);
      send(batch);
    }
  }

  /** Settles everything with an error. */
  void fail(PlayheadException error) {
    cancelRetry();
    dropStream();
    List<PublishBatch> batches = outstanding();
    inFlight.clear();
    queue.clear();
    PublishBatch rest = owner.takeRest();
    if (rest != null) {
      batches.add(rest);
    }
    for (PublishBatch batch : batches) {
      owner.onFailed(batch, error);
    }
    backoff.succeed();
  }

  /** Ends the pipeline. What is outstanding fails with this error. */
  void close(PlayheadException error) {
    isClosed = true;
    if (isBusy()) {
      fail(error);
    }
    cancelRetry();
    if (stream != null) {
      stream.end();
      stream = null;
    }
  }

  @Override
  public void onResponse(
      StreamCall<PublishStreamRequest, PublishStreamResponse> from,
      PublishStreamResponse response) {
    synchronized (lock) {
      if (from != stream) {
        return;
      }
      from.requestNext();
      try {
        for (PublishResult result : response.getResultsList()) {
          if (!settle(result)) {
            break;
          }
        }
      } catch (Throwable e) {
        fail(fault(e));
      }
      pump();
    }
  }

  @Override
  public void onBroken(
      StreamCall<PublishStreamRequest, PublishStreamResponse> from, PlayheadException error) {
    synchronized (lock) {
      if (from == stream) {
        dropStream();
        retryAfter(error, from.endpoint());
      }
    }
  }

  /** Whether all is known that sending needs. Otherwise the question has been set going. */
  private boolean isPrepared(PublishBatch batch) {
    if (nextSequence.isEmpty()) {
      ask(this::askSequence);
      return false;
    }
    if (batch.sizeBytes() > UNCHECKED_BYTES && maxRequestBytes == 0) {
      ask(this::askLimit);
      return false;
    }
    return true;
  }

  private boolean isTooLarge(PublishBatch batch) {
    return maxRequestBytes > 0 && batch.sizeBytes() > maxRequestBytes;
  }

  private void open() {
    stream =
        new StreamCall<>(
            connection,
            connection.endpoint(),
            Lane.PUBLISH,
            BrokerServiceGrpc.getPublishStreamMethod(),
            this);
    stream.start();
    for (PublishBatch batch : inFlight) {
      send(batch);
    }
  }

  private void send(PublishBatch batch) {
    if (batch.sequence() == 0) {
      batch.assignSequence(nextSequence.getAsLong());
      nextSequence = OptionalLong.of(batch.sequence() + batch.count());
    }
    stream.send(batch.encode(topic, producer));
  }

  /** The result of the first request in flight. False if those behind it have none that counts. */
  private boolean settle(PublishResult result) {
    PublishBatch batch = inFlight.peek();
    if (batch == null) {
      return false;
    }
    if (result.hasAck()) {
      inFlight.remove();
      backoff.succeed();
      owner.onStored(batch, result.getAck());
      return true;
    }
    PlayheadException error =
        result.hasError()
            ? Errors.ofWire(result.getError())
            : new PlayheadException(
                Reason.INTERNAL, "the broker sent a result that this client does not know");
    if (error.isRetryable()) {
      Endpoint endpoint = stream.endpoint();
      dropStream();
      retryAfter(error, endpoint);
      return false;
    }
    if (error.reason() == Reason.TOPIC_DELETED) {
      // Whatever was handed over before this is known was meant for the topic that is gone. On a
      // new stream it would create
      // another one of that name.
      fail(error);
      return false;
    }
    inFlight.remove();
    backoff.succeed();
    owner.onFailed(batch, error);
    return true;
  }

  /** The stream is gone. Sends again what is in flight, after a pause, or gives up. */
  private void retryAfter(PlayheadException error, Endpoint endpoint) {
    if (isClosed || !isBusy()) {
      return;
    }
    if (!error.isRetryable()) {
      // The broker refused the stream before it took anything from it.
      List<PublishBatch> refused = new ArrayList<>(inFlight);
      inFlight.clear();
      for (PublishBatch batch : refused) {
        owner.onFailed(batch, error);
      }
      pump();
      return;
    }
    OptionalLong delayMs = connection.retryDelay(backoff, error, endpoint, "publish to " + topic);
    if (delayMs.isEmpty()) {
      fail(error);
    } else {
      retry = connection.schedule(this::tryAgain, delayMs.getAsLong());
    }
  }

  private void tryAgain() {
    synchronized (lock) {
      if (retry == null) {
        return;
      }
      retry = null;
      pump();
    }
  }

  private void ask(Runnable question) {
    isAsking = true;
    Endpoint endpoint = connection.endpoint();
    connection
        .executor()
        .execute(
            () -> {
              PlayheadException failure = null;
              try {
                question.run();
              } catch (Throwable e) {
                failure = Futures.errorOf(e);
              }
              answered(failure, endpoint);
            });
  }

  private void answered(PlayheadException failure, Endpoint endpoint) {
    synchronized (lock) {
      isAsking = false;
      if (failure == null) {
        pump();
      } else if (failure.isRetryable()) {
        retryAfter(failure, endpoint);
      } else {
        fail(failure);
      }
    }
  }

  private void askSequence() {
    long lastSequence =
        connection
            .request(
                BrokerServiceGrpc.getGetProducerMethod(),
                GetProducerRequest.newBuilder().setTopic(topic).setProducer(producer).build(),
                "look up producer " + producer + " of " + topic)
            .getLastSequence();
    synchronized (lock) {
      nextSequence = OptionalLong.of(lastSequence + 1);
    }
  }

  private void askLimit() {
    int limitBytes =
        ServerInfo.get(connection, "ask for the limits of the broker").maxRequestBytes();
    synchronized (lock) {
      maxRequestBytes = limitBytes;
    }
  }

  private PlayheadException fault(Throwable thrown) {
    return new PlayheadException(
        Reason.INTERNAL, "publishing to " + topic + " failed: " + thrown, thrown);
  }

  private PlayheadException tooLarge(int bytes) {
    return new PlayheadException(
        Reason.REQUEST_TOO_LARGE,
        "a request of "
            + bytes
            + " bytes is over the broker's limit of "
            + maxRequestBytes
            + ": publish it in parts",
        Map.of("limit_bytes", Integer.toString(maxRequestBytes), "bytes", Integer.toString(bytes)),
        null);
  }

  private void dropStream() {
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
  }

  private void cancelRetry() {
    if (retry != null) {
      retry.cancel(false);
      retry = null;
    }
  }
}
