package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.playhead.v1.End;
import dev.playhead.v1.EndReason;
import dev.playhead.v1.Started;
import dev.playhead.v1.SubscribeRequest;
import dev.playhead.v1.SubscribeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SubscriptionTest {
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

  private static SubscribeResponse started(long untilNs) {
    return SubscribeResponse.newBuilder()
        .setStarted(
            Started.newBuilder()
                .setFromTimestampNs(10)
                .setUntilTimestampNs(untilNs)
                .setTopicCreatedTimestampNs(5))
        .build();
  }

  private static SubscribeResponse messages(long firstNs, int count) {
    SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
    for (int i = 0; i < count; i++) {
      response.addMessages(
          dev.playhead.v1.Message.newBuilder()
              .setTimestampNs(firstNs + i)
              .setValue(ByteString.copyFromUtf8("m" + (firstNs + i))));
    }
    return response.build();
  }

  private static SubscribeResponse end(EndReason reason) {
    return SubscribeResponse.newBuilder().setEnd(End.newBuilder().setReason(reason)).build();
  }

  private static SubscribeResponse deleted(String topic) {
    return SubscribeResponse.newBuilder()
        .setDeleted(dev.playhead.v1.Deleted.newBuilder().setTopic(topic))
        .build();
  }

  @Test
  void aCutIsBridgedBehindTheLastMessageWithWhatIsLeft() throws Exception {
    SubscribeOptions options =
        SubscribeOptions.from(Position.earliest()).withUntil(Until.now()).withLimit(5);
    Subscription subscription = client.subscribe("orders", options);
    FakeBroker.Subscribing first = broker.nextSubscribe();
    assertTrue(first.request().getUntilNow());
    first.responses().onNext(started(1000));
    first.responses().onNext(messages(20, 2));
    Iterator<Message> received = subscription.iterator();
    assertEquals("m20", received.next().text());
    assertEquals("m21", received.next().text());
    first.cut();

    FakeBroker.Subscribing second = broker.nextSubscribe();
    SubscribeRequest request = second.request();
    assertEquals(22, request.getFrom().getTimestampNs());
    assertEquals(1000, request.getUntilTimestampNs());
    assertFalse(request.getUntilNow());
    assertEquals(3, request.getMaxMessages());
    assertEquals(5, request.getTopicCreatedTimestampNs());
    second.responses().onNext(messages(30, 1));
    second.responses().onNext(end(EndReason.END_REASON_UNTIL));
    assertEquals(30, received.next().timestampNs());
    assertFalse(received.hasNext());
    assertEquals(3, subscription.messageCount());
  }

  @Test
  void aDeletedTopicIsAnErrorOfMessagesAndAnEventOfEvents() throws Exception {
    Subscription messages = client.subscribe("orders");
    FakeBroker.Subscribing first = broker.nextSubscribe();
    first.responses().onNext(deleted("orders"));
    Iterator<Message> received = messages.iterator();
    PlayheadException error = assertThrows(PlayheadException.class, received::hasNext);
    assertEquals(Reason.TOPIC_DELETED, error.reason());

    Subscription events = client.subscribe("orders");
    FakeBroker.Subscribing second = broker.nextSubscribe();
    second.responses().onNext(deleted("orders"));
    second.responses().onNext(end(EndReason.END_REASON_DELETED));
    Iterator<SubscriptionEvent> met = events.events().iterator();
    assertInstanceOf(Deleted.class, met.next());
    assertFalse(met.hasNext());
  }

  @Test
  void pollWaitsNoLongerThanItIsTold() throws Exception {
    Subscription subscription = client.subscribe("orders");
    assertTrue(subscription.poll(Duration.ofMillis(1)).isEmpty());
    assertFalse(subscription.isEnded());
    broker.nextSubscribe().responses().onNext(messages(20, 1));
    assertInstanceOf(Message.class, subscription.poll(Duration.ofSeconds(10)).orElseThrow());
  }

  @Test
  void aSubscriptionIsReadOnce() {
    Subscription subscription = client.subscribe("orders");
    assertNotNull(subscription.iterator());
    assertThrows(IllegalStateException.class, subscription::events);
  }

  @Test
  void aCloseEndsWhoeverReads() throws Exception {
    Subscription subscription = client.subscribe("orders");
    Iterator<Message> received = subscription.iterator();
    broker.nextSubscribe();
    Thread closer = new Thread(subscription::close);
    closer.start();
    assertFalse(received.hasNext());
    closer.join();
  }

  @Test
  void aSubscriberGetsWhatItRequestsAndNoMore() throws Exception {
    BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    List<Flow.Subscription> demand = new ArrayList<>();
    client.subscribe("orders").messagePublisher().subscribe(new Listener(told, demand));
    FakeBroker.Subscribing feed = broker.nextSubscribe();
    feed.responses().onNext(messages(20, 3));
    feed.responses().onNext(end(EndReason.END_REASON_LIMIT));
    demand.get(0).request(2);
    assertEquals("m20", told.poll(10, TimeUnit.SECONDS));
    assertEquals("m21", told.poll(10, TimeUnit.SECONDS));
    assertTrue(told.isEmpty());
    demand.get(0).request(1);
    assertEquals("m22", told.poll(10, TimeUnit.SECONDS));
    assertEquals("complete", told.poll(10, TimeUnit.SECONDS));
  }

  /** Notes what it is told. */
  private record Listener(BlockingQueue<Object> told, List<Flow.Subscription> demand)
      implements Flow.Subscriber<Message> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      demand.add(subscription);
    }

    @Override
    public void onNext(Message message) {
      told.add(message.text());
    }

    @Override
    public void onError(Throwable error) {
      told.add(error);
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }
  }
}
