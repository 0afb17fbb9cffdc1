package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.InsecureChannelCredentials;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class CloseTest {
  private FakeBroker broker;
  private PlayheadClient client;

  @BeforeEach
  void start() throws Exception {
    broker = new FakeBroker();
    client = broker.connect();
  }

  @AfterEach
  void stop() {
    client.close(Duration.ZERO);
    broker.close();
  }

  private static Reason reasonOf(CompletableFuture<?> future) {
    ExecutionException error =
        assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS));
    return ((PlayheadException) error.getCause()).reason();
  }

  @Test
  void aPublisherWaitsNoLongerThanItIsTold() throws Exception {
    Publisher publisher = client.publisher("orders");
    CompletableFuture<Long> published = publisher.publish("a");
    broker.nextPublish();
    PlayheadException error =
        assertThrows(PlayheadException.class, () -> publisher.close(Duration.ofMillis(20)));
    assertEquals(Reason.DEADLINE_EXCEEDED, error.reason());
    assertTrue(error.getMessage().contains("publisher of orders: not done within 20 ms"));
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(published));
    publisher.close();
  }

  @Test
  void theClientWaitsNoLongerThanItIsTold() throws Exception {
    CompletableFuture<Long> published = client.publisher("orders").publish("a");
    CompletableFuture<Long> written = client.channel("steps").publish("a");
    broker.nextPublish();
    broker.nextPublish();
    PlayheadException error =
        assertThrows(PlayheadException.class, () -> client.close(Duration.ofMillis(20)));
    assertEquals(Reason.DEADLINE_EXCEEDED, error.reason());
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(published));
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(written));
  }

  @Test
  void whatLingersGoesOutWhileAnotherPublisherUsesUpTheTime() throws Exception {
    CompletableFuture<Long> stuck = client.publisher("stuck").publish("a");
    broker.nextPublish();
    PublisherOptions options = PublisherOptions.defaults().withLinger(Duration.ofMinutes(1));
    CompletableFuture<Long> lingering = client.publisher("lingering", options).publish("b");
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(() -> client.close(Duration.ofMillis(500)));
    broker.nextPublish().store(100);
    assertEquals(100, lingering.get());
    assertEquals(Reason.DEADLINE_EXCEEDED, reasonOf(closed));
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(stuck));
  }

  @Test
  void anInterruptedCloseFailsWhatIsUnderWay() throws Exception {
    CompletableFuture<Long> published = client.publisher("orders").publish("a");
    broker.nextPublish();
    Thread.currentThread().interrupt();
    PlayheadException error = assertThrows(PlayheadException.class, client::close);
    assertTrue(Thread.interrupted());
    assertEquals(Reason.CANCELLED, error.reason());
    assertEquals(Reason.CLIENT_CLOSED, reasonOf(published));
  }

  @Test
  void whatIsStoredInTimeIsNoError() throws Exception {
    Publisher publisher = client.publisher("orders");
    CompletableFuture<Long> published = publisher.publish("a");
    broker.nextPublish().store(100);
    publisher.close(Duration.ofSeconds(10));
    assertEquals(100, published.get());
  }

  @Test
  void aFaultWhileSendingFailsWhatIsOutstanding() {
    ClientSettings settings =
        new ClientSettings(
            List.of("127.0.0.1:1"),
            InsecureChannelCredentials.create(),
            Optional.empty(),
            1000,
            1,
            1,
            OptionalLong.empty(),
            event -> {});
    // A topic that cannot be encoded stands for any fault.
    Publisher publisher =
        new Publisher(
            new Connection(settings),
            null,
            PublisherOptions.defaults(),
            (batch, ack) -> {},
            closed -> {});
    CompletableFuture<Long> published = publisher.publish("a");
    assertEquals(Reason.INTERNAL, reasonOf(published));
    publisher.close();
  }
}
