package io.playhead.client;

import com.google.protobuf.ByteString;
import dev.playhead.v1.CreateSubscriptionRequest;
import dev.playhead.v1.DeleteSubscriptionRequest;
import dev.playhead.v1.DeleteSubscriptionResponse;
import dev.playhead.v1.GetSubscriptionRequest;
import dev.playhead.v1.RedriveDeadLettersRequest;
import dev.playhead.v1.SeekSubscriptionRequest;
import dev.playhead.v1.SnapshotSubscriptionRequest;
import dev.playhead.v1.SubscriptionServiceGrpc;
import dev.playhead.v1.UpdateSubscriptionRequest;
import java.util.Objects;

/**
 * A subscription that the broker keeps: a cursor on a topic, leases, and the number of times that
 * each message was delivered. The object is a name; nothing is requested before a method is called.
 * Any thread may use it.
 */
public final class DurableSubscription {
  private final Connection connection;
  private final String topic;
  private final String name;
  private final Registry registry;
  private final Puller puller;

  /** Closes what works for subscriptions together with the client. */
  interface Registry {
    void opened(Consumption consumption);

    void ended(Consumption consumption);

    void busy(Puller puller);

    void idle(Puller puller);
  }

  DurableSubscription(Connection connection, String topic, String name, Registry registry) {
    this.connection = connection;
    this.topic = topic;
    this.name = name;
    this.registry = registry;
    puller = new Puller(connection, topic, name, registry);
  }

  /** Name of the topic. */
  public String topic() {
    return topic;
  }

  /** Name of the subscription. */
  public String name() {
    return name;
  }

  /** As {@link #create(CreateSubscriptionOptions)}, with the broker's defaults. */
  public SubscriptionInfo create() {
    return create(CreateSubscriptionOptions.defaults());
  }

  /**
   * Answers with the subscription as it is now. SUBSCRIPTION_EXISTS if it exists with other
   * settings.
   */
  public SubscriptionInfo create(CreateSubscriptionOptions options) {
    Objects.requireNonNull(options, "options");
    CreateSubscriptionRequest.Builder request =
        CreateSubscriptionRequest.newBuilder()
            .setTopic(topic)
            .setSubscription(name)
            .setConfig(options.config().toWire())
            .setCreateTopic(options.createTopic());
    options.from().ifPresent(from -> request.setFrom(from.wire()));
    return SubscriptionInfo.ofWire(
        connection
            .request(
                SubscriptionServiceGrpc.getCreateSubscriptionMethod(),
                request.build(),
                "create " + description())
            .getSubscription());
  }

  /** SUBSCRIPTION_NOT_FOUND if there is none. */
  public SubscriptionInfo info() {
    GetSubscriptionRequest request =
        GetSubscriptionRequest.newBuilder().setTopic(topic).setSubscription(name).build();
    return SubscriptionInfo.ofWire(
        connection
            .request(
                SubscriptionServiceGrpc.getGetSubscriptionMethod(),
                request,
                "look up " + description())
            .getSubscription());
  }

  /** Changes what is set in {@code config}, for deliveries from now on. */
  public SubscriptionInfo update(SubscriptionConfig config) {
    Objects.requireNonNull(config, "config");
    UpdateSubscriptionRequest request =
        UpdateSubscriptionRequest.newBuilder()
            .setTopic(topic)
            .setSubscription(name)
            .setConfig(config.toWire())
            .build();
    return SubscriptionInfo.ofWire(
        connection
            .request(
                SubscriptionServiceGrpc.getUpdateSubscriptionMethod(),
                request,
                "update " + description())
            .getSubscription());
  }

  /** Forgets the subscription; its workers are told and end. */
  public void delete() {
    connection.requestOnce(
        SubscriptionServiceGrpc.getDeleteSubscriptionMethod(),
        DeleteSubscriptionRequest.newBuilder().setTopic(topic).setSubscription(name).build(),
        "delete " + description(),
        Reason.SUBSCRIPTION_NOT_FOUND,
        DeleteSubscriptionResponse.getDefaultInstance());
  }

  /** Moves the subscription while workers are connected; leases from before are void. */
  public SubscriptionInfo seek(Position position) {
    Objects.requireNonNull(position, "position");
    return seek(seekRequest().setPosition(position.wire()));
  }

  /** Moves the subscription to a state from {@link #snapshot}. */
  public SubscriptionInfo seek(byte[] snapshot) {
    Objects.requireNonNull(snapshot, "snapshot");
    return seek(seekRequest().setSnapshot(ByteString.copyFrom(snapshot)));
  }

  /**
   * The state of the subscription, which {@link #seek(byte[])} puts back. What is in it is the
   * broker's own.
   */
  public byte[] snapshot() {
    SnapshotSubscriptionRequest request =
        SnapshotSubscriptionRequest.newBuilder().setTopic(topic).setSubscription(name).build();
    return connection
        .request(
            SubscriptionServiceGrpc.getSnapshotSubscriptionMethod(),
            request,
            "take a snapshot of " + description())
        .getSnapshot()
        .toByteArray();
  }

  /** As {@link #redrive(String, long)}: all dead letters, to the topic of the subscription. */
  public long redrive() {
    return redrive("", 0);
  }

  /**
   * Publishes the dead letters to a topic, or where they came from if it is empty, and removes
   * them: at most so many, the oldest first, or all for 0. Answers with their number; after a lost
   * answer, with the number of those that were left.
   */
  public long redrive(String targetTopic, long limit) {
    Objects.requireNonNull(targetTopic, "targetTopic");
    RedriveDeadLettersRequest request =
        RedriveDeadLettersRequest.newBuilder()
            .setTopic(topic)
            .setSubscription(name)
            .setTargetTopic(targetTopic)
            .setMaxMessages(limit)
            .build();
    return connection
        .request(
            SubscriptionServiceGrpc.getRedriveDeadLettersMethod(),
            request,
            "redrive the dead letters of " + description())
        .getMessageCount();
  }

  /** As {@link #consume(ConsumeOptions)}, with what is usual. */
  public Consumption consume() {
    return consume(ConsumeOptions.defaults());
  }

  /** Connects a worker, at once. */
  public Consumption consume(ConsumeOptions options) {
    Objects.requireNonNull(options, "options");
    Consumption consumption = new Consumption(connection, topic, name, options, registry::ended);
    registry.opened(consumption);
    consumption.begin();
    return consumption;
  }

  /**
   * Leases messages without a stream, and waits for some if told to. If the answer is lost, what
   * was in it is delivered again once its lease has run out.
   */
  public Pulled pull(PullOptions options) {
    Objects.requireNonNull(options, "options");
    return puller.pull(options);
  }

  private SubscriptionInfo seek(SeekSubscriptionRequest.Builder request) {
    return SubscriptionInfo.ofWire(
        connection
            .request(
                SubscriptionServiceGrpc.getSeekSubscriptionMethod(),
                request.build(),
                "seek " + description())
            .getSubscription());
  }

  private SeekSubscriptionRequest.Builder seekRequest() {
    return SeekSubscriptionRequest.newBuilder().setTopic(topic).setSubscription(name);
  }

  private String description() {
    return "subscription " + name + " of " + topic;
  }
}
