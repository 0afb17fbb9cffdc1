package io.playhead.client;

import com.google.protobuf.ByteString;
import dev.playhead.v1.Close;
import dev.playhead.v1.PublishStreamRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The messages of one request, and everybody who waits for them. It is filled, sent, perhaps sent
 * again, and settled once. Guarded by the publisher, but for what it completes.
 */
final class PublishBatch {
  private final List<dev.playhead.v1.Message> messages = new ArrayList<>();

  /** By the index of the message; shorter than these, or with gaps of null, where nobody waits. */
  private final List<PublishFuture<Long>> futures = new ArrayList<>();

  /** Of the request as a whole; null where nobody waits. */
  private PublishFuture<PublishAck> ackFuture;

  private final CompletableFuture<PublishAck> outcome = new CompletableFuture<>();
  private OptionalLong expectedLastTimestampNs = OptionalLong.empty();
  private Close close;
  private int sizeBytes;
  private long bufferedBytes;
  private long number;
  private long sequence;
  private Closed closed;

  /** Adds a message. `overheadBytes` is what it takes in memory besides. */
  void add(NewMessage message, int overheadBytes) {
    messages.add(message.wire());
    int bytes = Message.sizeInResponse(message.wire());
    sizeBytes += bytes;
    bufferedBytes += bytes + overheadBytes;
  }

  /** The timestamp of the message that was added last. */
  CompletableFuture<Long> timestampOfLast(UnreportedErrors errors) {
    while (futures.size() < messages.size() - 1) {
      futures.add(null);
    }
    PublishFuture<Long> future = errors.createFuture();
    futures.add(future);
    return future;
  }

  /** What the broker stored, for a caller; {@link #outcome} is for this package. */
  CompletableFuture<PublishAck> ack(UnreportedErrors errors) {
    ackFuture = errors.createFuture();
    return ackFuture;
  }

  /** Its place among all that the publisher was handed over. */
  void handOver(long place) {
    number = place;
  }

  /** It will fail: notes those who may never know. */
  void report(UnreportedErrors errors, PlayheadException error) {
    for (PublishFuture<Long> future : futures) {
      if (future != null) {
        errors.report(number, future, error);
      }
    }
    if (ackFuture != null) {
      errors.report(number, ackFuture, error);
    }
  }

  /** Has it refused unless this is the timestamp of the last message of the topic. */
  void expect(long lastTimestampNs) {
    expectedLastTimestampNs = OptionalLong.of(lastTimestampNs);
  }

  /** Has the topic closed behind the messages. */
  void closeWith(String reason, byte[] checksum) {
    close = Close.newBuilder().setReason(reason).setChecksum(ByteString.copyFrom(checksum)).build();
  }

  int count() {
    return messages.size();
  }

  List<dev.playhead.v1.Message> messages() {
    return messages;
  }

  /** Size of the encoded messages. */
  int sizeBytes() {
    return sizeBytes;
  }

  /** What it counts for in the memory of the publisher. */
  long bufferedBytes() {
    return bufferedBytes;
  }

  /**
   * The producer's number of the first message. It stays once it is set, so that the broker knows
   * the request again.
   */
  long sequence() {
    return sequence;
  }

  void assignSequence(long first) {
    sequence = first;
  }

  /** What became of it. */
  CompletableFuture<PublishAck> outcome() {
    return outcome;
  }

  /** The close marker, once the request has set it. */
  Closed closed() {
    return closed;
  }

  void noteClosed(Closed marker) {
    closed = marker;
  }

  PublishStreamRequest encode(String topic, String producer) {
    PublishStreamRequest.Builder request =
        PublishStreamRequest.newBuilder().setTopic(topic).addAllMessages(messages);
    if (!messages.isEmpty()) {
      request.setProducer(producer).setSequence(sequence);
    }
    expectedLastTimestampNs.ifPresent(request::setExpectedLastTimestampNs);
    if (close != null) {
      request.setClose(close);
    }
    return request.build();
  }

  /** Tells everybody. Runs what users have attached, and so in no lock. */
  void stored(PublishAck ack) {
    for (int i = 0; i < futures.size(); i++) {
      if (futures.get(i) != null) {
        futures.get(i).complete(ack.firstTimestampNs() + i);
      }
    }
    if (ackFuture != null) {
      ackFuture.complete(ack);
    }
    outcome.complete(ack);
  }

  /** Tells everybody. Runs what users have attached, and so in no lock. */
  void failed(PlayheadException error) {
    for (PublishFuture<Long> future : futures) {
      if (future != null) {
        future.fail(error);
      }
    }
    if (ackFuture != null) {
      ackFuture.fail(error);
    }
    outcome.completeExceptionally(error);
  }
}
