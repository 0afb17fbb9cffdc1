package io.playhead.client;

import com.google.protobuf.ByteString;
import dev.playhead.v1.Close;
import dev.playhead.v1.CloseTopicRequest;
import dev.playhead.v1.CreateTopicRequest;
import dev.playhead.v1.DeleteTopicRequest;
import dev.playhead.v1.DeleteTopicResponse;
import dev.playhead.v1.GetTopicRequest;
import dev.playhead.v1.ListTopicsRequest;
import dev.playhead.v1.ListTopicsResponse;
import dev.playhead.v1.TopicServiceGrpc;
import dev.playhead.v1.TrimTopicRequest;
import dev.playhead.v1.UpdateTopicRequest;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Creates, describes, trims, closes and deletes topics, each by one request that is repeated until
 * it is answered. Any thread may use it.
 */
public final class Topics {
  private final Connection connection;

  Topics(Connection connection) {
    this.connection = connection;
  }

  /** As {@link #create(String, TopicConfig)}, with the broker's defaults. */
  public TopicInfo create(String topic) {
    return create(topic, TopicConfig.unset());
  }

  /**
   * Answers with the topic as it is now. TOPIC_EXISTS if one of that name has another
   * configuration.
   */
  public TopicInfo create(String topic, TopicConfig config) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(config, "config");
    CreateTopicRequest request =
        CreateTopicRequest.newBuilder().setTopic(topic).setConfig(config.toWire()).build();
    return TopicInfo.ofWire(
        connection
            .request(TopicServiceGrpc.getCreateTopicMethod(), request, "create " + topic)
            .getTopic());
  }

  /** TOPIC_NOT_FOUND if there is none. */
  public TopicInfo get(String topic) {
    Objects.requireNonNull(topic, "topic");
    GetTopicRequest request = GetTopicRequest.newBuilder().setTopic(topic).build();
    return TopicInfo.ofWire(
        connection
            .request(TopicServiceGrpc.getGetTopicMethod(), request, "look up " + topic)
            .getTopic());
  }

  /** Changes what is set in {@code config}. */
  public TopicInfo update(String topic, TopicConfig config) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(config, "config");
    UpdateTopicRequest request =
        UpdateTopicRequest.newBuilder().setTopic(topic).setConfig(config.toWire()).build();
    return TopicInfo.ofWire(
        connection
            .request(TopicServiceGrpc.getUpdateTopicMethod(), request, "update " + topic)
            .getTopic());
  }

  /** As {@link #trim(String, long)}. */
  public TopicInfo trim(String topic, Instant before) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(before, "before");
    return trim(topic, Clock.toNs(before));
  }

  /** Removes the messages before a timestamp, nanoseconds since 1970, for ever. */
  public TopicInfo trim(String topic, long beforeTimestampNs) {
    Objects.requireNonNull(topic, "topic");
    TrimTopicRequest request =
        TrimTopicRequest.newBuilder()
            .setTopic(topic)
            .setBeforeTimestampNs(beforeTimestampNs)
            .build();
    return TopicInfo.ofWire(
        connection
            .request(TopicServiceGrpc.getTrimTopicMethod(), request, "trim " + topic)
            .getTopic());
  }

  /** As {@link #close(String, String, byte[])}, without a checksum. */
  public Closed close(String topic, String reason) {
    return close(topic, reason, new byte[0]);
  }

  /**
   * Closes a topic for all its writers. Closing again is no error and answers as the first time.
   * The checksum is MD5 over the values in order, 16 bytes, or none.
   */
  public Closed close(String topic, String reason, byte[] checksum) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(checksum, "checksum");
    Close close =
        Close.newBuilder().setReason(reason).setChecksum(ByteString.copyFrom(checksum)).build();
    CloseTopicRequest request =
        CloseTopicRequest.newBuilder().setTopic(topic).setClose(close).build();
    return Closed.ofWire(
        connection
            .request(TopicServiceGrpc.getCloseTopicMethod(), request, "close " + topic)
            .getClosed());
  }

  /**
   * Removes a topic; its subscriptions end, and the name is free. TOPIC_NOT_FOUND if there is none.
   */
  public void delete(String topic) {
    Objects.requireNonNull(topic, "topic");
    connection.requestOnce(
        TopicServiceGrpc.getDeleteTopicMethod(),
        DeleteTopicRequest.newBuilder().setTopic(topic).build(),
        "delete " + topic,
        Reason.TOPIC_NOT_FOUND,
        DeleteTopicResponse.getDefaultInstance());
  }

  /** All topics, by name, fetched page by page as the stream is read. */
  public Stream<TopicInfo> list() {
    return list("");
  }

  /** The topics that match, by name, fetched page by page as the stream is read. */
  public Stream<TopicInfo> list(String glob) {
    Objects.requireNonNull(glob, "glob");
    return Pages.stream(token -> page(glob, token)).map(TopicInfo::ofWire);
  }

  private Pages.Page<dev.playhead.v1.Topic> page(String glob, String token) {
    ListTopicsRequest request =
        ListTopicsRequest.newBuilder().setGlob(glob).setPageToken(token).build();
    ListTopicsResponse response =
        connection.request(TopicServiceGrpc.getListTopicsMethod(), request, "list topics");
    return new Pages.Page<>(response.getTopicsList(), response.getNextPageToken());
  }
}
