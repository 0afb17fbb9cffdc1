package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.playhead.v1.ErrorReason;
import dev.playhead.v1.PublishStreamRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class PublisherTest {
  private FakeBroker broker;
  private PlayheadClient client;

  @BeforeEach
  void start() throws Exception {
    broker = new FakeBroker();
    client = broker.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  private static List<String> values(PublishStreamRequest request) {
    return request.getMessagesList().stream()
        .map(message -> message.getValue().toStringUtf8())
        .toList();
  }

  private static Reason reasonOf(CompletableFuture<?> future) {
    ExecutionException error = assertThrows(ExecutionException.class, future::get);
    return ((PlayheadException) error.getCause()).reason();
  }

  @Test
  void whatIsHandedOverMeanwhileGoesOutTogether() throws Exception {
    Publisher publisher = client.publisher("orders");
    CompletableFuture<Long> first = publisher.publish("a");
    FakeBroker.Publishing sent = broker.nextPublish();
    CompletableFuture<Long> second = publisher.publish("b");
    CompletableFuture<Long> third = publisher.publish("c");
    sent.store(100);
    FakeBroker.Publishing next = broker.nextPublish();
    next.store(200);
    assertEquals(List.of("b", "c"), values(next.request()));
    assertEquals(
        List.of(1L, 2L), List.of(sent.request().getSequence(), next.request().getSequence()));
    assertEquals(List.of(100L, 200L, 201L), List.of(first.get(), second.get(), third.get()));
  }

  @Test
  void whatIsHandedOverInOneGoGoesOutTogether() throws Exception {
    List<CompletableFuture<Long>> published =
        client.publisher("orders").publishEach(List.of(NewMessage.of("a"), NewMessage.of("b")));
    FakeBroker.Publishing sent = broker.nextPublish();
    sent.store(100);
    assertEquals(List.of("a", "b"), values(sent.request()));
    assertEquals(101, published.get(1).get());
  }

  @Test
  void whatWasNotAcknowledgedIsSentAgainUnchanged() throws Exception {
    Publisher publisher = client.publisher("orders");
    CompletableFuture<Long> published = publisher.publish("a");
    FakeBroker.Publishing lost = broker.nextPublish();
    lost.cut();
    FakeBroker.Publishing again = broker.nextPublish();
    assertEquals(lost.request(), again.request());
    assertFalse(published.isDone());
    again.store(100);
    assertEquals(100, published.get());
  }

  @Test
  void everythingBehindARetryableRefusalIsSentAgainInOrder() throws Exception {
    Publisher publisher = client.publisher("orders");
    var first = publisher.publishBatch(List.of(NewMessage.of("a")));
    var second = publisher.publishBatch(List.of(NewMessage.of("b")));
    FakeBroker.Publishing refused = broker.nextPublish();
    broker.nextPublish();
    refused.refuse(ErrorReason.ERROR_REASON_OVERLOADED);
    FakeBroker.Publishing again = broker.nextPublish();
    FakeBroker.Publishing behind = broker.nextPublish();
    again.store(100);
    behind.store(200);
    assertEquals(100, first.get().firstTimestampNs());
    assertEquals(200, second.get().firstTimestampNs());
    assertEquals(List.of("b"), values(behind.request()));
  }

  @Test
  void aRefusalFailsItsMessagesAlone() throws Exception {
    Publisher publisher = client.publisher("orders");
    CompletableFuture<Long> refused = publisher.publish("a");
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
    assertEquals(Reason.BACKLOG_FULL, reasonOf(refused));
    CompletableFuture<Long> stored = publisher.publish("b");
    broker.nextPublish().store(100);
    assertEquals(100, stored.get());
  }

  @Test
  void aNamedProducerGoesOnBehindItsLastSequence() throws Exception {
    broker.setLastSequence(41);
    Publisher publisher =
        client.publisher("orders", PublisherOptions.defaults().withName("shop-1"));
    CompletableFuture<Long> published = publisher.publish("a");
    FakeBroker.Publishing sent = broker.nextPublish();
    assertEquals("shop-1", sent.request().getProducer());
    assertEquals(42, sent.request().getSequence());
    sent.store(100);
    published.get();
  }

  @Test
  void memoryIsBounded() throws Exception {
    Publisher publisher =
        client.publisher("orders", PublisherOptions.defaults().withMaxBufferedBytes(1000));
    CompletableFuture<Long> first = publisher.publish(new byte[1000]);
    assertFalse(publisher.hasRoom());
    assertEquals(Reason.PUBLISHER_FULL, reasonOf(publisher.publish("one too many")));
    broker.nextPublish().store(100);
    first.get();
    publisher.awaitRoom();
    assertTrue(publisher.hasRoom());
  }

  @Test
  void aLargeMessageGoesAlone() throws Exception {
    Publisher publisher = client.publisher("orders");
    var all = new ArrayList<CompletableFuture<Long>>();
    all.add(publisher.publish("first"));
    FakeBroker.Publishing first = broker.nextPublish();
    all.add(publisher.publish("small"));
    all.add(publisher.publish(new byte[100_000]));
    all.add(publisher.publish("behind"));
    first.store(1);
    for (int messages = 0; messages < 3; messages++) {
      FakeBroker.Publishing sent = broker.nextPublish();
      assertEquals(1, sent.request().getMessagesCount());
      sent.store(10 + messages);
    }
    for (CompletableFuture<Long> each : all) {
      each.get();
    }
  }

  @Test
  void aClosedPublisherRefuses() {
    Publisher publisher = client.publisher("orders");
    publisher.close();
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(publisher.publish("late")));
  }
}
