package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.playhead.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class UnreportedErrorsTest {
  private FakeBroker broker;
  private PlayheadClient client;
  private Publisher publisher;

  @BeforeEach
  void start() throws Exception {
    broker = new FakeBroker();
    client = broker.connect();
    publisher = client.publisher("orders");
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  /** A publish that is refused, and whose future is done. */
  private CompletableFuture<Long> refused(ErrorReason reason) throws Exception {
    CompletableFuture<Long> future = publisher.publish("refused");
    broker.nextPublish().refuse(reason);
    // What comes behind it is stored once the refusal is known; that this is looked at says nothing
    // of what was refused.
    CompletableFuture<Long> behind = publisher.publish("behind");
    broker.nextPublish().store(100);
    behind.get();
    return future;
  }

  private CompletableFuture<Long> refused() throws Exception {
    return refused(ErrorReason.ERROR_REASON_BACKLOG_FULL);
  }

  private static Reason reasonOf(CompletableFuture<?> future) {
    CompletionException error = assertThrows(CompletionException.class, future::join);
    return ((PlayheadException) error.getCause()).reason();
  }

  private static Reason reasonOf(Runnable call) {
    return assertThrows(PlayheadException.class, call::run).reason();
  }

  @Test
  void aFlushTellsOfTheFirstErrorThatNobodyHasLookedAtOnce() throws Exception {
    var unused = refused();
    unused = refused(ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE);
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher.flush()));
    assertDoesNotThrow(() -> publisher.flush().join());
  }

  @Test
  void aFlushThatNobodyHasLookedAtLeavesTheErrorToTheNext() throws Exception {
    var unused = refused();
    CompletableFuture<Void> forgotten = publisher.flush();
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher.flush()));
    assertEquals(Reason.BACKLOG_FULL, reasonOf(forgotten));
  }

  @Test
  void anErrorThatAFlushHasWaitedForIsNotToldAgain() throws Exception {
    var unused = publisher.publish("refused");
    CompletableFuture<Void> flushed = publisher.flush();
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
    assertEquals(Reason.BACKLOG_FULL, reasonOf(flushed));
    assertDoesNotThrow(() -> publisher.flush().join());
  }

  @Test
  void anErrorUnderWayIsLeftByAFlushThatNobodyHasLookedAt() throws Exception {
    var unused = publisher.publish("refused");
    CompletableFuture<Void> forgotten = publisher.flush();
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher::close));
    assertEquals(Reason.BACKLOG_FULL, reasonOf(forgotten));
  }

  @Test
  void aCloseTellsOfAnErrorThatNobodyHasLookedAt() throws Exception {
    var unused = refused();
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher::close));
    assertDoesNotThrow(() -> publisher.close());
  }

  @Test
  void theCloseOfTheClientTellsOfAnErrorThatNobodyHasLookedAt() throws Exception {
    var unused = refused();
    assertEquals(Reason.BACKLOG_FULL, reasonOf(client::close));
  }

  @Test
  void whatNobodyTookBecauseThereWasNoRoomIsToldAsWell() throws Exception {
    PublisherOptions options = PublisherOptions.defaults().withMaxBufferedBytes(1000);
    Publisher small = client.publisher("orders", options);
    var unused = small.publish(new byte[1000]);
    unused = small.publish("one too many");
    broker.nextPublish().store(100);
    assertEquals(Reason.PUBLISHER_FULL, reasonOf(small.flush()));
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored") // What comes of a look is not the question.
  void whatWasLookedAtAfterItFailedIsNotToldAgain() throws Exception {
    List<Function<CompletableFuture<Long>, Object>> looks =
        List.of(
            future -> assertThrows(ExecutionException.class, future::get),
            future -> assertThrows(CompletionException.class, future::join),
            future -> assertThrows(CompletionException.class, () -> future.getNow(0L)),
            future -> future.isCompletedExceptionally(),
            future -> future.exceptionally(error -> 0L).join(),
            future -> future.handle((timestampNs, error) -> 0L).join(),
            future -> future.whenComplete((timestampNs, error) -> {}),
            future -> future.thenAccept(timestampNs -> {}),
            future -> future.minimalCompletionStage(),
            future ->
                assertThrows(
                    CompletionException.class,
                    CompletableFuture.completedFuture("").thenCompose(done -> future)::join));
    for (Function<CompletableFuture<Long>, Object> look : looks) {
      var unused = look.apply(refused());
      assertDoesNotThrow(() -> publisher.flush().join());
    }
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored") // What comes of a look is not the question.
  void whatWasLookedAtBeforeItFailedIsNotToldAgain() throws Exception {
    List<Function<CompletableFuture<Long>, Object>> looks =
        List.of(
            future -> future.exceptionally(error -> 0L),
            future -> future.whenComplete((timestampNs, error) -> {}),
            // These look without being asked for a dependent.
            future -> CompletableFuture.allOf(future, new CompletableFuture<>()),
            future -> CompletableFuture.anyOf(future, new CompletableFuture<>()));
    for (Function<CompletableFuture<Long>, Object> look : looks) {
      CompletableFuture<Long> future = publisher.publish("refused");
      var unused = look.apply(future);
      broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
      CompletableFuture<Long> behind = publisher.publish("behind");
      broker.nextPublish().store(100);
      behind.get();
      assertDoesNotThrow(() -> publisher.flush().join());
    }
  }

  @Test
  void ofMessagesOfOneRequestEachIsToBeLookedAt() throws Exception {
    List<CompletableFuture<Long>> both =
        publisher.publishEach(List.of(NewMessage.of("a"), NewMessage.of("b")));
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
    assertEquals(Reason.BACKLOG_FULL, reasonOf(both.get(0)));
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher.flush()));
  }

  @Test
  void whatPublishesInARequestOfItsOwnIsToldAsWell() throws Exception {
    var batch = publisher.publishBatch(List.of(NewMessage.of("a")));
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_BACKLOG_FULL);
    var expecting = publisher.publishIf(7, NewMessage.of("b"));
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_CONFLICT);
    assertEquals(Reason.CONFLICT, reasonOf(expecting));
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher.flush()));
    assertEquals(Reason.BACKLOG_FULL, reasonOf(batch));
  }

  @Test
  void whatIsKeptOfManyErrorsIsBounded() throws Exception {
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < 3 * UnreportedErrors.MAX_ERRORS; i++) {
      all.add(refused());
    }
    // The ones that were kept are looked at: of the others it is known that there are some.
    for (CompletableFuture<Long> future : all.subList(0, UnreportedErrors.MAX_ERRORS)) {
      assertEquals(Reason.BACKLOG_FULL, reasonOf(future));
    }
    assertEquals(Reason.BACKLOG_FULL, reasonOf(publisher.flush()));
    for (CompletableFuture<Long> future : all) {
      assertEquals(Reason.BACKLOG_FULL, reasonOf(future));
    }
    assertDoesNotThrow(() -> publisher.flush().join());
  }

  @Test
  void aChannelOfWhichAMessageWasLostInSilenceIsNotSealedAtOnce() throws Exception {
    Channel channel = client.channel("steps");
    var unused = channel.publish("a");
    broker.nextPublish().store(100);
    unused = channel.publish("refused");
    broker.nextPublish().refuse(ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE);
    unused = channel.publish("c");
    broker.nextPublish().store(101);
    broker.setMessageCount(2);
    assertEquals(Reason.MESSAGE_TOO_LARGE, reasonOf(() -> channel.seal("done")));

    CompletableFuture<Closed> sealed = CompletableFuture.supplyAsync(() -> channel.seal("done"));
    FakeBroker.Publishing closing = broker.nextPublish();
    assertTrue(closing.request().hasClose());
    closing.store(102);
    assertEquals("chan/steps", sealed.get().topic());
  }
}
