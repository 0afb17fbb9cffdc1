package io.playhead.client;

import dev.playhead.v1.BrokerServiceGrpc;
import dev.playhead.v1.End;
import dev.playhead.v1.EndReason;
import dev.playhead.v1.Started;
import dev.playhead.v1.SubscribeRequest;
import dev.playhead.v1.SubscribeResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;

/**
 * Brings what a subscription asks for, in order and each message once, over as many Subscribe calls
 * as it takes.
 *
 * <pre>
 * waiting ──▶ open ──End──▶ ended
 *    ▲          │ lost, or End with a retryable error
 *    └──pause───┘
 * </pre>
 *
 * It goes on at the timestamp behind the last message it received, with what is left of the limit,
 * up to the time that the first call resolved {@code until} to, and only on the topic that it began
 * with.
 */
final class SubscribeFeed implements StreamCall.Listener<SubscribeRequest, SubscribeResponse> {
  /** What nobody has taken yet. Beyond it the broker is held back. */
  private static final long MAX_QUEUED_BYTES = 4L * 1024 * 1024;

  /** What a queued response takes besides its bytes. */
  private static final long RESPONSE_OVERHEAD_BYTES = 1024;

  private final Connection connection;
  private final String topic;
  private final SubscribeOptions options;
  private final Position from;
  private final Backoff backoff;
  private final Runnable onEnded;

  private final Queue<Queued> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean isPaused;
  private StreamCall<SubscribeRequest, SubscribeResponse> call;
  private Started started;
  private OptionalLong untilNs = OptionalLong.empty();
  private OptionalLong resumeNs = OptionalLong.empty();
  private long receivedCount;
  private boolean isAbandoned;
  private boolean isOver;
  private PlayheadException error;
  private Runnable onAvailable = () -> {};

  /** What is in a response. */
  private record Queued(List<SubscriptionEvent> events, long bytes) {}

  SubscribeFeed(
      Connection connection,
      String topic,
      SubscribeOptions options,
      Position from,
      Runnable onEnded) {
    this.connection = connection;
    this.topic = topic;
    this.options = options;
    this.from = from;
    this.onEnded = onEnded;
    backoff = connection.createBackoff(Backoff.FOR_EVER_MS);
  }

  /** Begins. Called once, and returns at once. */
  void begin() {
    Until until = options.until().orElse(null);
    if (until instanceof Until.Ago ago) {
      connection.executor().execute(() -> resolveUntil(Clock.toNs(ago.duration())));
      return;
    }
    synchronized (this) {
      if (until instanceof Until.Timestamp time) {
        untilNs = OptionalLong.of(time.timestampNs());
      }
      open();
    }
  }

  /** What is next, if it is here; null otherwise. */
  synchronized List<SubscriptionEvent> poll() {
    Queued queued = queue.poll();
    if (queued == null) {
      return null;
    }
    queuedBytes -= queued.bytes();
    if (isPaused && queuedBytes < MAX_QUEUED_BYTES / 2) {
      isPaused = false;
      if (call != null) {
        call.requestNext();
      }
    }
    return queued.events();
  }

  /** Whether it was ended from this side: what nobody has taken is dropped. */
  synchronized boolean isAbandoned() {
    return isAbandoned;
  }

  /** Whether it has ended and everything is taken. */
  synchronized boolean isOver() {
    return isOver && queue.isEmpty();
  }

  /** Throws the error that it ended with, if there is one. */
  synchronized void throwError() {
    if (error != null) {
      throw error.here();
    }
  }

  /** Waits until there is something to take, or the end; at most so long. */
  synchronized void await(long timeoutMs) throws InterruptedException {
    long untilMs = Clock.nowMs() + timeoutMs;
    while (queue.isEmpty() && !isOver) {
      long leftMs = untilMs - Clock.nowMs();
      if (leftMs <= 0) {
        return;
      }
      wait(leftMs);
    }
  }

  /** Waits until the broker has taken the subscription. Throws if it ends before. */
  synchronized SubscriptionStart awaitStart() throws InterruptedException {
    while (started == null && !isOver) {
      wait();
    }
    if (started == null) {
      throwError();
      throw Errors.closed("the subscription to " + topic);
    }
    return new SubscriptionStart(
        started.getFromTimestampNs(), Wire.timestamp(started.getUntilTimestampNs()));
  }

  /** Calls back, in any thread, whenever there is something to take, or the end. */
  synchronized void listen(Runnable callback) {
    onAvailable = callback;
    wake();
  }

  /** Ends it now. What nobody has taken is dropped. */
  synchronized void close() {
    isAbandoned = true;
    queue.clear();
    queuedBytes = 0;
    StreamCall<SubscribeRequest, SubscribeResponse> open = call;
    finish(null);
    if (open != null) {
      open.cancel();
    }
  }

  @Override
  public synchronized void onResponse(
      StreamCall<SubscribeRequest, SubscribeResponse> from, SubscribeResponse response) {
    if (from != call) {
      return;
    }
    List<SubscriptionEvent> events = new ArrayList<>();
    int count = response.getMessagesCount();
    if (count > 0) {
      receivedCount += count;
      resumeNs = OptionalLong.of(response.getMessages(count - 1).getTimestampNs() + 1);
      backoff.succeed();
      events.addAll(Runs.name(topic, response.getMessagesList(), response.getRunsList()));
    }
    noteEvent(response, events);
    if (!events.isEmpty()) {
      long bytes = response.getSerializedSize() + RESPONSE_OVERHEAD_BYTES;
      queue.add(new Queued(events, bytes));
      queuedBytes += bytes;
      wake();
    }
    if (response.hasEnd()) {
      meetEnd(response.getEnd());
    } else if (queuedBytes > MAX_QUEUED_BYTES) {
      isPaused = true;
    } else {
      from.requestNext();
    }
  }

  @Override
  public synchronized void onBroken(
      StreamCall<SubscribeRequest, SubscribeResponse> from, PlayheadException cause) {
    if (from == call) {
      from.cancel();
      lose(cause, from.endpoint());
    }
  }

  private void resolveUntil(long agoNs) {
    try {
      long timestampNs = ServerInfo.timestampAgo(connection, agoNs);
      synchronized (this) {
        untilNs = OptionalLong.of(timestampNs);
        open();
      }
    } catch (PlayheadException e) {
      synchronized (this) {
        finish(e);
      }
    }
  }

  private synchronized void open() {
    if (isOver) {
      return;
    }
    isPaused = false;
    call =
        new StreamCall<>(
            connection,
            connection.endpoint(),
            Lane.SUBSCRIBE,
            BrokerServiceGrpc.getSubscribeMethod(),
            this);
    call.start();
    call.send(request());
    call.end();
  }

  private SubscribeRequest request() {
    SubscribeRequest.Builder request = SubscribeRequest.newBuilder().setTopic(topic);
    if (resumeNs.isPresent()) {
      request.setFrom(Position.timestampNs(resumeNs.getAsLong()).wire());
    } else {
      request.setFrom(from.wire());
    }
    if (untilNs.isPresent()) {
      request.setUntilTimestampNs(untilNs.getAsLong());
    } else if (started == null && options.until().orElse(null) instanceof Until.Now) {
      request.setUntilNow(true);
    }
    options.limit().ifPresent(limit -> request.setMaxMessages(limit - receivedCount));
    if (started != null) {
      request.setTopicCreatedTimestampNs(started.getTopicCreatedTimestampNs());
    }
    return request.build();
  }

  private void noteEvent(SubscribeResponse response, List<SubscriptionEvent> events) {
    switch (response.getEventCase()) {
      case STARTED -> start(response.getStarted());
      case CAUGHT_UP -> {
        long nextNs = response.getCaughtUp().getNextTimestampNs();
        resumeNs = OptionalLong.of(Math.max(nextNs, resumeNs.orElse(nextNs)));
        backoff.succeed();
        events.add(new CaughtUp(nextNs));
      }
      case TRIMMED -> events.add(Trimmed.ofWire(response.getTrimmed()));
      case CLOSED -> events.add(Closed.ofWire(response.getClosed()));
      case DELETED -> events.add(new Deleted(response.getDeleted().getTopic()));
      // The end comes behind what is in the same response; what a later version sends is passed
      // over.
      case END, EVENT_NOT_SET -> {}
    }
  }

  private void start(Started now) {
    if (started == null) {
      started = now;
      resumeNs = OptionalLong.of(resumeNs.orElse(now.getFromTimestampNs()));
      if (now.getUntilTimestampNs() != 0) {
        untilNs = OptionalLong.of(now.getUntilTimestampNs());
      }
      notifyAll();
    } else if (started.getTopicCreatedTimestampNs() == 0) {
      // A topic that did not exist at first has its time of creation from a later Started.
      long createdNs = now.getTopicCreatedTimestampNs();
      started = started.toBuilder().setTopicCreatedTimestampNs(createdNs).build();
    }
  }

  private void meetEnd(End end) {
    if (end.getReason() != EndReason.END_REASON_ERROR) {
      // Only the status follows: let it come.
      call.requestNext();
      finish(null);
      return;
    }
    call.cancel();
    lose(Errors.ofWire(end.getError()), call.endpoint());
  }

  /** The call is over before its time. */
  private void lose(PlayheadException cause, Endpoint endpoint) {
    call = null;
    if (!cause.isRetryable()) {
      finish(cause);
      return;
    }
    boolean isLimitReached =
        options.limit().isPresent() && receivedCount >= options.limit().getAsLong();
    boolean isUntilReached =
        untilNs.isPresent() && resumeNs.isPresent() && resumeNs.getAsLong() >= untilNs.getAsLong();
    if (isLimitReached || isUntilReached) {
      finish(null);
      return;
    }
    OptionalLong delayMs = connection.retryDelay(backoff, cause, endpoint, "subscribe to " + topic);
    if (delayMs.isEmpty()) {
      finish(cause);
    } else {
      var unused = connection.schedule(this::open, delayMs.getAsLong());
    }
  }

  private void finish(PlayheadException cause) {
    call = null;
    if (isOver) {
      return;
    }
    isOver = true;
    error = cause;
    wake();
    connection.executor().execute(onEnded);
  }

  private void wake() {
    notifyAll();
    onAvailable.run();
  }
}
