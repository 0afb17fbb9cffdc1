package io.playhead.client;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Publishes to one topic, in the order of the calls. What is handed over while a request is under
 * way goes out together; messages that went out in one request are stored or refused together.
 * After a lost connection it sends again what was not acknowledged, for two minutes unless told
 * otherwise; nothing is stored twice. Any thread may use it.
 *
 * <p>Futures complete in threads of the client, in which what is attached to them may block.
 */
public final class Publisher implements AutoCloseable {
  /** What is handed over beyond this does not make publishing faster, only the memory larger. */
  private static final long ROOM_BYTES = 4L * 1024 * 1024;

  /** A larger message goes alone: if it is over a limit, it is refused without its neighbours. */
  private static final int SOLO_BYTES = 64 * 1024;

  /** What a future and a message take besides their bytes. */
  private static final int FUTURE_BYTES = 200;

  private static final int NAME_BYTES = 12;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Connection connection;
  private final String topic;
  private final String name;
  private final PublisherOptions options;
  private final long roomBytes;
  private final BiConsumer<PublishBatch, PublishAck> onStored;
  private final Consumer<Publisher> onClosed;
  private final PublishPipeline pipeline;
  private final UnreportedErrors errors = new UnreportedErrors();
  private final Object lock = new Object();

  // Guarded by the lock.
  private PublishBatch open;
  private int soloBytes = SOLO_BYTES;
  private boolean isDue;
  private boolean isWakeScheduled;
  private ScheduledFuture<?> linger;
  private long bufferedBytes;
  private long handedOverCount;
  private PlayheadException refusal;

  /** `onStored` is called with the lock, in order. */
  Publisher(
      Connection connection,
      String topic,
      PublisherOptions options,
      BiConsumer<PublishBatch, PublishAck> onStored,
      Consumer<Publisher> onClosed) {
    this.connection = connection;
    this.topic = topic;
    this.options = options;
    this.onStored = onStored;
    this.onClosed = onClosed;
    name = options.name().orElseGet(Publisher::randomName);
    long usefulBytes = 2L * options.maxInFlight() * options.maxBatchBytes();
    isDue = options.linger().isZero();
    roomBytes = Math.min(options.maxBufferedBytes(), Math.max(ROOM_BYTES, usefulBytes));
    pipeline =
        new PublishPipeline(
            connection,
            topic,
            name,
            options.name().isPresent(),
            options.maxInFlight(),
            lock,
            new PipelineOwner());
  }

  /** Name of the topic. */
  public String topic() {
    return topic;
  }

  /** Name of the producer, given or random. */
  public String name() {
    return name;
  }

  /** As {@link #publish(NewMessage)}. */
  public CompletableFuture<Long> publish(String value) {
    Objects.requireNonNull(value, "value");
    return publish(NewMessage.of(value));
  }

  /** As {@link #publish(NewMessage)}. */
  public CompletableFuture<Long> publish(byte[] value) {
    Objects.requireNonNull(value, "value");
    return publish(NewMessage.of(value));
  }

  /**
   * Completes with the message's timestamp, nanoseconds since 1970, once it is stored. Never
   * blocks: fails with PUBLISHER_FULL, and sends nothing, if {@code maxBufferedBytes} are reached.
   *
   * <p>The future may be dropped: an error at which nobody has looked, neither with {@code get},
   * {@code join} or {@code getNow} nor through a dependent such as {@code whenComplete}, is told by
   * the next {@link #flush} or {@link #close}.
   */
  public CompletableFuture<Long> publish(NewMessage message) {
    Objects.requireNonNull(message, "message");
    return publishEach(List.of(message)).get(0);
  }

  /**
   * As {@link #publish(NewMessage)} of each, in their order, with a future for each. They are
   * handed over in one go, and so go out together, as far as a request has room.
   */
  public List<CompletableFuture<Long>> publishEach(Collection<NewMessage> messages) {
    List<NewMessage> all = Checks.elements("messages", messages);
    List<CompletableFuture<Long>> timestampsNs = new ArrayList<>(all.size());
    synchronized (lock) {
      for (NewMessage message : all) {
        PlayheadException reason = refusal();
        timestampsNs.add(
            reason == null ? add(message, FUTURE_BYTES).timestampOfLast(errors) : refused(reason));
      }
      wake();
    }
    return timestampsNs;
  }

  /** As {@link #publishEach}, with nothing sent, for this reason. */
  List<CompletableFuture<Long>> refuseEach(
      Collection<NewMessage> messages, PlayheadException reason) {
    List<NewMessage> all = Checks.elements("messages", messages);
    synchronized (lock) {
      return all.stream().map(message -> refused(reason)).toList();
    }
  }

  /**
   * Publishes in a request of its own, which is refused with CONFLICT unless this is the timestamp
   * of the topic's last message; 0 stands for a topic without one.
   */
  public CompletableFuture<Long> publishIf(long expectedLastTimestampNs, NewMessage message) {
    PublishBatch batch = batchOf(List.of(Objects.requireNonNull(message, "message")));
    batch.expect(expectedLastTimestampNs);
    CompletableFuture<Long> timestampNs = batch.timestampOfLast(errors);
    var unused = pushAlone(batch);
    return timestampNs;
  }

  /**
   * Publishes messages, at least one, in one request: all are stored, with consecutive timestamps,
   * or none.
   */
  public CompletableFuture<PublishAck> publishBatch(List<NewMessage> messages) {
    return publishAlone(batchOf(messages));
  }

  /** As {@link #publishBatch}, and refused as {@link #publishIf} says. */
  public CompletableFuture<PublishAck> publishBatchIf(
      long expectedLastTimestampNs, List<NewMessage> messages) {
    PublishBatch batch = batchOf(messages);
    batch.expect(expectedLastTimestampNs);
    return publishAlone(batch);
  }

  /**
   * Publishes as fast as the broker takes it, and blocks until all is stored. Stops at the first
   * error, waits for what is under way, and throws that error.
   */
  public PublishedAll publishAll(Iterable<NewMessage> messages) {
    Objects.requireNonNull(messages, "messages");
    PublishAllRun run = new PublishAllRun();
    for (NewMessage message : messages) {
      Objects.requireNonNull(message, "one of messages");
      if (!hasRoom()) {
        awaitRoom();
      }
      if (run.hasFailed()) {
        break;
      }
      run.follow(addOrThrow(message));
    }
    sendOpen();
    return run.await("publish to " + topic);
  }

  /** Whether it is useful to publish more now. False some MiB before {@code maxBufferedBytes}. */
  public boolean hasRoom() {
    synchronized (lock) {
      return bufferedBytes < roomBytes;
    }
  }

  /** Blocks until there is room again. Returns at once if there is. */
  public void awaitRoom() {
    synchronized (lock) {
      if (bufferedBytes < roomBytes) {
        return;
      }
      while (bufferedBytes > roomBytes / 2) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw Errors.cancelled("publish to " + topic, e);
        }
      }
    }
  }

  /**
   * Completes when all that was handed over so far is stored. Fails with the first error of what
   * failed before without anybody having looked at its future, or else of what was under way. What
   * nobody learns from this future is left to the next flush.
   */
  public CompletableFuture<Void> flush() {
    synchronized (lock) {
      sendOpen();
      return errors.flush(
          handedOverCount, pipeline.outstanding().stream().map(PublishBatch::outcome).toList());
    }
  }

  /** Flushes, and leaves what comes of it to the next flush. */
  void beginFlush() {
    var unused = flush();
  }

  /**
   * Flushes, then ends. Blocks as long as the publisher tries; throws what {@link #flush} fails
   * with. Further publishes get CLIENT_CLOSED, and so does what is under way if the thread is
   * interrupted.
   */
  @Override
  public void close() {
    closeWithin(Subscription.FOR_EVER_MS);
  }

  /**
   * As {@link #close()}, and waits no longer than this: what is not stored then fails with
   * CLIENT_CLOSED, though it may be stored yet, and DEADLINE_EXCEEDED is thrown. Zero does not wait
   * at all.
   */
  public void close(Duration timeout) {
    closeWithin(Clock.toWaitMs("timeout", timeout));
  }

  void closeWithin(long timeoutMs) {
    CompletableFuture<Void> flushed;
    synchronized (lock) {
      if (refusal == null) {
        refusal = Errors.closed("the publisher of " + topic);
      }
      flushed = flush();
    }
    try {
      Futures.await(flushed, "flush the publisher of " + topic, timeoutMs);
    } finally {
      synchronized (lock) {
        pipeline.close(refusal);
        // Whoever is in here is told: by what it throws, or because all is stored.
        errors.tell(handedOverCount);
      }
      onClosed.accept(this);
    }
  }

  /** Publishes last messages, or none, and closes the topic in the same step. Blocks. */
  Closed publishClosing(PublishBatch batch) {
    Futures.await(pushAlone(batch).outcome(), "close " + topic);
    if (batch.closed() == null) {
      throw new PlayheadException(
          Reason.INTERNAL, "the broker did not say that " + topic + " is closed");
    }
    return batch.closed();
  }

  private static PublishBatch batchOf(List<NewMessage> messages) {
    List<NewMessage> all = Checks.elements("messages", messages);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one message");
    }
    PublishBatch batch = new PublishBatch();
    all.forEach(message -> batch.add(message, 0));
    return batch;
  }

  private static String randomName() {
    byte[] bytes = new byte[NAME_BYTES];
    RANDOM.nextBytes(bytes);
    return "auto-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Why nothing is taken now; null if it is. */
  private PlayheadException refusal() {
    if (refusal != null) {
      return refusal;
    }
    if (bufferedBytes < options.maxBufferedBytes()) {
      return null;
    }
    return new PlayheadException(
        Reason.PUBLISHER_FULL,
        "the publisher of "
            + topic
            + " holds "
            + bufferedBytes
            + " bytes that are not acknowledged, its limit is "
            + options.maxBufferedBytes()
            + ": wait for futures or for awaitRoom(), or use publishAll()",
        Map.of(
            "limit_bytes", Long.toString(options.maxBufferedBytes()),
            "bytes", Long.toString(bufferedBytes)),
        null);
  }

  private PublishBatch addOrThrow(NewMessage message) {
    synchronized (lock) {
      PlayheadException reason = refusal();
      if (reason != null) {
        throw reason.here();
      }
      PublishBatch batch = add(message, 0);
      wake();
      return batch;
    }
  }

  /** Adds a message to the request that is being filled. With the lock. */
  private PublishBatch add(NewMessage message, int overheadBytes) {
    int bytes = Message.sizeInResponse(message.wire());
    boolean isSolo = bytes > soloBytes;
    if (open != null && (isSolo || open.sizeBytes() + bytes > options.maxBatchBytes())) {
      sendOpen();
    }
    if (open == null) {
      open = new PublishBatch();
      handOver(open);
    }
    PublishBatch batch = open;
    batch.add(message, overheadBytes);
    bufferedBytes += bytes + overheadBytes;
    if (isSolo || batch.sizeBytes() >= options.maxBatchBytes()) {
      sendOpen();
    }
    return batch;
  }

  /**
   * Sees to it that what was added goes. Not in this thread: while another one comes to it, what
   * the caller hands over next joins. With the lock.
   */
  private void wake() {
    if (open == null) {
      return;
    }
    if (!options.linger().isZero()) {
      if (linger == null) {
        linger = connection.schedule(this::send, Clock.toMs(options.linger()));
      }
    } else if (!isWakeScheduled) {
      isWakeScheduled = true;
      connection.executor().execute(this::send);
    }
  }

  private void send() {
    synchronized (lock) {
      isWakeScheduled = false;
      isDue = true;
      pipeline.pump();
    }
  }

  private CompletableFuture<PublishAck> publishAlone(PublishBatch batch) {
    CompletableFuture<PublishAck> ack = batch.ack(errors);
    var unused = pushAlone(batch);
    return ack;
  }

  /** Sends a request behind what was handed over before; fails it if nothing is taken. */
  private PublishBatch pushAlone(PublishBatch batch) {
    synchronized (lock) {
      PlayheadException reason = refusal();
      if (reason != null) {
        handOver(batch);
        batch.report(errors, reason);
        batch.failed(reason);
        return batch;
      }
      sendOpen();
      bufferedBytes += batch.bufferedBytes();
      handOver(batch);
      pipeline.push(batch);
      return batch;
    }
  }

  private void handOver(PublishBatch batch) {
    handedOverCount += 1;
    batch.handOver(handedOverCount);
  }

  /** A message that is not taken. With the lock. */
  private CompletableFuture<Long> refused(PlayheadException reason) {
    PublishFuture<Long> future = errors.createFuture();
    handedOverCount += 1;
    errors.report(handedOverCount, future, reason);
    future.fail(reason);
    return future;
  }

  /** Sends what is being filled, full or not. */
  private void sendOpen() {
    synchronized (lock) {
      PublishBatch batch = seal();
      if (batch != null) {
        pipeline.push(batch);
      }
    }
  }

  /**
   * Takes the request that is being filled, so that the next message begins another. With the lock.
   */
  private PublishBatch seal() {
    PublishBatch batch = open;
    open = null;
    if (linger != null) {
      linger.cancel(false);
      linger = null;
    }
    isDue = options.linger().isZero();
    return batch;
  }

  private void settled(PublishBatch batch) {
    bufferedBytes -= batch.bufferedBytes();
    if (bufferedBytes <= roomBytes / 2) {
      lock.notifyAll();
    }
  }

  /** What the pipeline tells, with the lock. */
  private final class PipelineOwner implements PublishPipeline.Owner {
    @Override
    public PublishBatch takePartial() {
      return isDue ? seal() : null;
    }

    @Override
    public PublishBatch takeRest() {
      return seal();
    }

    @Override
    public void onStored(PublishBatch batch, dev.playhead.v1.PublishAck wire) {
      settled(batch);
      if (wire.hasClosed()) {
        batch.noteClosed(Closed.ofWire(wire.getClosed()));
      }
      PublishAck ack = PublishAck.ofWire(wire);
      onStored.accept(batch, ack);
      connection.executor().execute(() -> batch.stored(ack));
    }

    @Override
    public void onFailed(PublishBatch batch, PlayheadException error) {
      settled(batch);
      batch.report(errors, error);
      if (error.reason() == Reason.MESSAGE_TOO_LARGE) {
        learnLimit(error.metadata().get("limit_bytes"));
      }
      connection.executor().execute(() -> batch.failed(error));
    }

    /** What is larger than the topic takes is not to take its neighbours along a second time. */
    private void learnLimit(String limitBytes) {
      if (limitBytes != null && limitBytes.matches("[1-9]\\d{0,8}")) {
        soloBytes = Math.min(soloBytes, Integer.parseInt(limitBytes));
      }
    }
  }
}
