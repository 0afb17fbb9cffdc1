package io.playhead.client;

import dev.playhead.v1.ConsumeRequest;
import dev.playhead.v1.ConsumeResponse;
import dev.playhead.v1.ConsumeStart;
import dev.playhead.v1.ConsumeStarted;
import dev.playhead.v1.End;
import dev.playhead.v1.EndReason;
import dev.playhead.v1.SettlementResult;
import dev.playhead.v1.SubscriptionServiceGrpc;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Brings deliveries, and takes back what becomes of them, over as many Consume calls as it takes.
 *
 * <pre>
 * waiting ──▶ open ──End──▶ ended
 *    ▲          │ lost, or End with a retryable error
 *    └──pause───┘
 * </pre>
 *
 * The broker sends no more than it has credit for, so that the queue is bounded. Credit goes back
 * as deliveries are settled. With a call its leases go: what was delivered before is void. Guarded
 * by its lock.
 */
final class ConsumeFeed implements StreamCall.Listener<ConsumeRequest, ConsumeResponse> {
  /** Settlements of one request, as many as Acknowledge takes. */
  private static final int MAX_SETTLEMENTS = 10_000;

  /** How long close() waits for the results of what was settled. */
  private static final long RESULTS_TIMEOUT_MS = 5000;

  /** How long the broker may take to end its side of a stream that nobody wants any more. */
  private static final long END_TIMEOUT_MS = 1000;

  private static final String ENDED = "has ended with its worker";

  private final Connection connection;
  private final String topic;
  private final String subscription;
  private final ConsumeOptions options;
  private final Runnable onEnded;
  private final SerialExecutor events;
  private final Object lock = new Object();
  private final Backoff backoff;
  private final Credit credit;
  private final HeldLeases held;
  private final SettlementQueue settlements;
  private final ReadyDeliveries ready;
  private final Queue<SentSettlement> unanswered = new ArrayDeque<>();
  private StreamCall<ConsumeRequest, ConsumeResponse> stream;
  private long openedMs;
  private boolean isFlushing;
  private boolean isActive;
  private long leaseMs;

  /** What the broker has said that the end will be. */
  private ConsumptionEnd comingEnd;

  private ConsumptionEnd end;
  private Runnable onAvailable = () -> {};

  ConsumeFeed(
      Connection connection,
      String topic,
      String subscription,
      ConsumeOptions options,
      Runnable onEnded) {
    this.connection = connection;
    this.topic = topic;
    this.subscription = subscription;
    this.options = options;
    this.onEnded = onEnded;
    events = new SerialExecutor(connection.executor());
    backoff = connection.createBackoff(Backoff.FOR_EVER_MS);
    credit = new Credit(options.maxInFlight(), options.maxBytes());
    held = new HeldLeases(connection, lock, this::giveBack);
    settlements = new SettlementQueue(lock, connection.executor(), new QueueOwner());
    ready = new ReadyDeliveries(settlements, topic);
  }

  /** Begins. Called once, and returns at once. */
  void begin() {
    open();
  }

  SettlementQueue settlements() {
    return settlements;
  }

  String operation() {
    return "consume " + topic + " by " + subscription;
  }

  boolean isActive() {
    synchronized (lock) {
      return isActive;
    }
  }

  /** How long leases are; 0 before the broker has said so. */
  long leaseMs() {
    synchronized (lock) {
      return leaseMs;
    }
  }

  /** Why it is over; null while it is not. */
  ConsumptionEnd end() {
    synchronized (lock) {
      return end;
    }
  }

  /** The next delivery, if there is one now; null otherwise. */
  Delivery peek() {
    synchronized (lock) {
      return ready.peek();
    }
  }

  /** Takes that delivery; null if it went meanwhile. */
  Delivery take() {
    synchronized (lock) {
      return ready.poll();
    }
  }

  /** Waits until there is something to take, or the end; at most so long. */
  void await(long timeoutMs) throws InterruptedException {
    synchronized (lock) {
      long untilMs = Clock.nowMs() + timeoutMs;
      while (peek() == null && end == null) {
        long leftMs = untilMs - Clock.nowMs();
        if (leftMs <= 0) {
          return;
        }
        lock.wait(leftMs);
      }
    }
  }

  /** Waits until the broker has taken the worker, or the end. */
  void awaitStart() throws InterruptedException {
    synchronized (lock) {
      while (leaseMs == 0 && end == null) {
        lock.wait();
      }
    }
  }

  /** Calls back, in any thread, whenever there is something to take, or the end. */
  void listen(Runnable callback) {
    synchronized (lock) {
      onAvailable = callback;
      wake();
    }
  }

  /**
   * Sends what was settled, waits for the results for a while, and ends the call: its leases are
   * given back.
   */
  void close(long timeoutMs) throws InterruptedException {
    long untilMs = Clock.nowMs() + timeoutMs;
    synchronized (lock) {
      if (end == null) {
        leave();
      }
      try {
        await(() -> !unanswered.isEmpty(), Math.min(RESULTS_TIMEOUT_MS, timeoutMs));
        if (stream != null) {
          stream.end();
        }
        await(() -> stream != null, Math.min(END_TIMEOUT_MS, untilMs - Clock.nowMs()));
      } finally {
        dropStream();
        abandonUnanswered(
            new PlayheadException(
                Reason.UNREACHABLE, operation() + " ended before the broker answered"));
      }
    }
  }

  @Override
  public void onResponse(
      StreamCall<ConsumeRequest, ConsumeResponse> from, ConsumeResponse response) {
    synchronized (lock) {
      if (from != stream) {
        return;
      }
      from.requestNext();
      try {
        response.getResultsList().forEach(this::answer);
        deliver(response);
      } catch (PlayheadException e) {
        finish(new ConsumptionEnd.Failed(e));
        return;
      }
      meet(response);
    }
  }

  @Override
  public void onBroken(StreamCall<ConsumeRequest, ConsumeResponse> from, PlayheadException error) {
    synchronized (lock) {
      if (from == stream) {
        lose(error, from.endpoint());
      }
    }
  }

  private void open() {
    synchronized (lock) {
      if (end != null) {
        return;
      }
      openedMs = Clock.nowMs();
      credit.restart();
      stream =
          new StreamCall<>(
              connection,
              connection.endpoint(),
              Lane.CONSUME,
              SubscriptionServiceGrpc.getConsumeMethod(),
              this);
      stream.start();
      stream.send(
          ConsumeRequest.newBuilder()
              .setStart(
                  ConsumeStart.newBuilder()
                      .setTopic(topic)
                      .setSubscription(subscription)
                      .setWorker(options.worker()))
              .setCreditMessages(credit.maxMessages())
              .setCreditBytes(credit.maxBytes())
              .build());
    }
  }

  private void leave() {
    if (stream != null) {
      stream.send(ConsumeRequest.newBuilder().setIsLeaving(true).build());
    }
    for (Delivery delivery = ready.poll(); delivery != null; delivery = ready.poll()) {
      // Nobody waits for it: what nobody has seen is given back with the stream, or so.
      var unused = settlements.settle(delivery, SettleAction.UNSEEN);
    }
    flush();
    conclude(new ConsumptionEnd.Stopped());
    connection.executor().execute(onEnded);
  }

  private void answer(SettlementResult result) {
    SentSettlement sent = unanswered.poll();
    if (sent == null) {
      throw new PlayheadException(
          Reason.INTERNAL, "the broker sent a result of what nobody has settled");
    }
    credit.confirm(sent.count());
    settlements.answer(sent, result);
    backoff.succeed();
    if (unanswered.isEmpty()) {
      lock.notifyAll();
    }
    if (credit.isDue()) {
      schedule();
    }
  }

  private void deliver(ConsumeResponse response) {
    if (response.getMessagesCount() == 0) {
      return;
    }
    backoff.succeed();
    if (end == null) {
      // A lease that runs out meanwhile is noticed later than by the broker, never earlier.
      long expiresAtMs = Clock.nowMs() + (leaseMs == 0 ? Subscription.FOR_EVER_MS : leaseMs);
      ready.add(response, expiresAtMs).forEach(held::add);
      wake();
    }
  }

  private void meet(ConsumeResponse response) {
    switch (response.getEventCase()) {
      case STARTED -> start(response.getStarted());
      case SOUGHT -> {
        held.lose("was fenced off by a seek");
        tell(new ConsumptionEvent.Sought(response.getSought().getTimestampNs()));
      }
      case DRAINED -> comingEnd = new ConsumptionEnd.Drained(response.getDrained().getReason());
      case DELETED ->
          comingEnd =
              new ConsumptionEnd.SubscriptionDeleted(response.getDeleted().getIsTopicDeleted());
      case END -> meetEnd(response.getEnd());
      case EVENT_NOT_SET -> {}
    }
  }

  private void start(ConsumeStarted started) {
    isActive = started.getIsActive();
    leaseMs = started.getLeaseMs();
    held.watch(leaseMs);
    lock.notifyAll();
    tell(
        new ConsumptionEvent.Started(
            isActive,
            Duration.ofMillis(leaseMs),
            Math.min(options.maxInFlight(), started.getMaxCreditMessages()),
            Math.min(options.maxBytes(), started.getMaxCreditBytes())));
  }

  private void meetEnd(End wire) {
    if (wire.getReason() == EndReason.END_REASON_ERROR) {
      stream.cancel();
      lose(Errors.ofWire(wire.getError()), stream.endpoint());
      return;
    }
    // What is left is the status.
    stream.end();
    stream = null;
    finish(comingEnd == null ? endOf(wire.getReason()) : comingEnd);
    lock.notifyAll();
  }

  /** The call is over before its time. */
  private void lose(PlayheadException error, Endpoint endpoint) {
    dropStream();
    isActive = false;
    voidAll("went with the connection", error);
    lock.notifyAll();
    if (end != null) {
      return;
    }
    if (comingEnd != null) {
      finish(comingEnd);
      return;
    }
    if (Clock.nowMs() - openedMs > connection.settings().maxBackoffMs()) {
      backoff.succeed();
    }
    OptionalLong delayMs =
        error.isRetryable()
            ? connection.retryDelay(backoff, error, endpoint, operation())
            : OptionalLong.empty();
    if (delayMs.isEmpty()) {
      finish(new ConsumptionEnd.Failed(error));
      return;
    }
    tell(new ConsumptionEvent.Disconnected(error));
    var unused = connection.schedule(this::open, delayMs.getAsLong());
  }

  /** Over at once, and for good. */
  private void finish(ConsumptionEnd reason) {
    dropStream();
    boolean isFirst = end == null;
    conclude(reason);
    voidAll(ENDED, reason instanceof ConsumptionEnd.Failed failed ? failed.error() : null);
    if (isFirst) {
      connection.executor().execute(onEnded);
    }
  }

  /** Nothing is handed out or settled from here on; what was sent is still answered. */
  private void conclude(ConsumptionEnd reason) {
    if (end != null) {
      return;
    }
    tell(reason);
    end = reason;
    isActive = false;
    ready.clear();
    held.lose(ENDED);
    held.close();
    settlements.close(lostLeases(ENDED));
    wake();
  }

  /** What was delivered by a call that is over. */
  private void voidAll(String how, PlayheadException cause) {
    ready.clear();
    held.lose(how);
    settlements.clear(lostLeases(how));
    abandonUnanswered(
        cause == null
            ? new PlayheadException(Reason.UNREACHABLE, operation() + " is over")
            : cause);
  }

  private void abandonUnanswered(PlayheadException error) {
    List<SentSettlement> sent = new ArrayList<>(unanswered);
    unanswered.clear();
    settlements.abandon(sent, error);
  }

  private void giveBack(long messages, long bytes) {
    credit.giveBack(messages, bytes);
    if (credit.isDue()) {
      schedule();
    }
  }

  /** One request for what is settled until a thread is free for it. */
  private void schedule() {
    if (!isFlushing) {
      isFlushing = true;
      connection.executor().execute(this::flush);
    }
  }

  private void flush() {
    synchronized (lock) {
      isFlushing = false;
      while (stream != null && end == null && (!settlements.isEmpty() || credit.isDue())) {
        ConsumeRequest.Builder request = ConsumeRequest.newBuilder();
        for (SentSettlement sent : settlements.take(MAX_SETTLEMENTS)) {
          request.addSettlements(sent.wire());
          unanswered.add(sent);
          credit.expect(sent.count());
        }
        if (credit.isDue()) {
          request.setCreditMessages(credit.takeMessages()).setCreditBytes(credit.takeBytes());
        }
        stream.send(request.build());
      }
    }
  }

  private void tell(ConsumptionEvent event) {
    // Nothing comes behind the end.
    if (end == null) {
      events.execute(() -> options.onEvent().accept(event));
    }
  }

  private void wake() {
    lock.notifyAll();
    onAvailable.run();
  }

  private void dropStream() {
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
  }

  private void await(BooleanSupplier isWaiting, long timeoutMs) throws InterruptedException {
    long untilMs = Clock.nowMs() + timeoutMs;
    for (long leftMs = timeoutMs;
        leftMs > 0 && isWaiting.getAsBoolean();
        leftMs = untilMs - Clock.nowMs()) {
      lock.wait(leftMs);
    }
  }

  /** What an End means that nothing has announced. */
  private static ConsumptionEnd endOf(EndReason reason) {
    return switch (reason) {
      case END_REASON_DRAINED -> new ConsumptionEnd.Drained("");
      case END_REASON_DELETED -> new ConsumptionEnd.SubscriptionDeleted(false);
      default -> new ConsumptionEnd.Stopped();
    };
  }

  private static PlayheadException lostLeases(String how) {
    return new PlayheadException(Reason.CONFLICT, "the lease " + how);
  }

  /** What the queue tells, with the lock. */
  private final class QueueOwner implements SettlementQueue.Owner {
    @Override
    public void onPending() {
      schedule();
    }

    @Override
    public void onReleased(Lease lease, int sizeBytes) {
      held.released(lease, sizeBytes);
    }

    @Override
    public void onExtended(Lease lease, long extendedMs) {
      lease.prolong(Clock.nowMs() + (extendedMs == 0 ? leaseMs : extendedMs));
    }
  }
}
