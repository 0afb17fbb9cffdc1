package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every public method, with one argument at a time null. */
@Timeout(60)
final class NullArgumentsTest {
  /** Arguments that are right. */
  private static final Map<Class<?>, Object> SAMPLES =
      Map.ofEntries(
          Map.entry(String.class, "some"),
          Map.entry(byte[].class, new byte[] {1}),
          Map.entry(Duration.class, Duration.ofSeconds(1)),
          Map.entry(Instant.class, Instant.EPOCH),
          Map.entry(Path.class, Path.of("some")),
          Map.entry(Optional.class, Optional.empty()),
          Map.entry(OptionalInt.class, OptionalInt.empty()),
          Map.entry(OptionalLong.class, OptionalLong.empty()),
          Map.entry(List.class, List.of()),
          Map.entry(Collection.class, List.of()),
          Map.entry(Iterable.class, List.of()),
          Map.entry(Consumer.class, (Consumer<Object>) event -> {}),
          Map.entry(String[].class, new String[] {"some"}),
          Map.entry(Duration[].class, new Duration[] {Duration.ZERO}),
          Map.entry(int.class, 1),
          Map.entry(long.class, 1L),
          Map.entry(double.class, 1.0),
          Map.entry(boolean.class, true),
          Map.entry(NewMessage.class, NewMessage.of("some")),
          Map.entry(Position.class, Position.earliest()),
          Map.entry(Until.class, Until.now()),
          Map.entry(TlsOptions.class, TlsOptions.systemRoots()),
          Map.entry(TopicConfig.class, TopicConfig.unset()),
          Map.entry(SubscriptionConfig.class, SubscriptionConfig.unset()),
          Map.entry(PublisherOptions.class, PublisherOptions.defaults()),
          Map.entry(SubscribeOptions.class, SubscribeOptions.defaults()),
          Map.entry(ReadOptions.class, ReadOptions.defaults()),
          Map.entry(ConsumeOptions.class, ConsumeOptions.defaults()),
          Map.entry(CreateSubscriptionOptions.class, CreateSubscriptionOptions.defaults()),
          Map.entry(PullOptions.class, PullOptions.defaults()),
          Map.entry(DeliveryMode.class, DeliveryMode.SHARED),
          Map.entry(BacklogPolicy.class, BacklogPolicy.REFUSE),
          Map.entry(RedeliveryBackoff.class, RedeliveryBackoff.none()));

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

  /** One of everything that has methods. */
  private List<Object> everything() {
    Lease lease =
        new Lease(
            new SettlementQueue(new Object(), Runnable::run, null),
            0,
            dev.playhead.v1.Lease.getDefaultInstance(),
            Long.MAX_VALUE);
    Message message = new Message("orders", dev.playhead.v1.Message.getDefaultInstance());
    return List.of(
        client,
        PlayheadClient.builder(),
        client.publisher("orders"),
        client.channel("some"),
        client.topics(),
        client.subscriptions(),
        client.subscribe("orders"),
        client.subscribe("orders").messagePublisher(),
        client.subscription("orders", "billing"),
        client.subscription("orders", "billing").consume(),
        new Delivery(message, lease, 0, 1),
        message,
        NewMessage.of("some"),
        NewMessage.builder(),
        Position.earliest(),
        Until.ago(Duration.ZERO),
        TlsOptions.systemRoots(),
        TopicConfig.unset(),
        SubscriptionConfig.unset(),
        SubscriptionConfig.builder(),
        PublisherOptions.defaults(),
        SubscribeOptions.defaults(),
        ReadOptions.defaults(),
        ConsumeOptions.defaults(),
        CreateSubscriptionOptions.defaults(),
        PullOptions.defaults(),
        RedeliveryBackoff.delays(),
        RedeliveryBackoff.exponential(Duration.ZERO));
  }

  @Test
  void nullIsRefusedByNameByEveryMethod() throws Exception {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Object each : everything()) {
      for (Executable executable : executables(each.getClass())) {
        for (int i = 0; i < executable.getParameterCount(); i++) {
          if (!executable.getParameterTypes()[i].isPrimitive()) {
            tried += 1;
            String outcome = outcomeWithNull(each, executable, i);
            if (!outcome.equals("refused")) {
              wrong.add(executable + " argument " + i + ": " + outcome);
            }
          }
        }
      }
    }
    assertEquals("", String.join("\n", wrong));
    assertTrue(tried > 100, tried + " were tried");
  }

  @Test
  void nullAmongMessagesIsRefused() throws Exception {
    List<NewMessage> messages = Arrays.asList(NewMessage.of("a"), null);
    Publisher publisher = client.publisher("orders");
    List<Runnable> calls =
        List.of(
            () -> publisher.publishEach(messages),
            () -> {
              var unused = publisher.publishBatch(messages);
            },
            () -> client.channel("some").seal(messages, "done"));
    for (Runnable call : calls) {
      NullPointerException error = assertThrows(NullPointerException.class, call::run);
      assertTrue(error.getMessage().startsWith("one of "), error.getMessage());
    }
  }

  private static List<Executable> executables(Class<?> type) {
    List<Executable> all = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      boolean isOwn = Modifier.isPublic(method.getModifiers()) && !method.isSynthetic();
      if (isOwn && !method.getName().equals("equals")) {
        all.add(method);
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (Modifier.isPublic(constructor.getModifiers())) {
        all.add(constructor);
      }
    }
    for (Class<?> face : type.getInterfaces()) {
      if (face.getPackage() == NullArgumentsTest.class.getPackage()) {
        all.addAll(executables(face).stream().filter(each -> isStatic(each)).toList());
      }
    }
    return all;
  }

  private static boolean isStatic(Executable executable) {
    return Modifier.isStatic(executable.getModifiers());
  }

  private static String outcomeWithNull(Object target, Executable executable, int nullIndex)
      throws Exception {
    Object[] arguments = new Object[executable.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> type = executable.getParameterTypes()[i];
      Object sample = type.isArray() ? Array.newInstance(type.getComponentType(), 1) : null;
      arguments[i] = i == nullIndex ? null : SAMPLES.getOrDefault(type, sample);
    }
    try {
      Object answer =
          executable instanceof Method method
              ? method.invoke(target, arguments)
              : ((Constructor<?>) executable).newInstance(arguments);
      return "answered " + answer;
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      boolean isNamed =
          thrown instanceof NullPointerException
              && thrown.getMessage() != null
              && thrown.getMessage().matches("\\w+");
      return isNamed ? "refused" : "threw " + thrown;
    }
  }
}
