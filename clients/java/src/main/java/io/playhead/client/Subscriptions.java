package io.playhead.client;

import dev.playhead.v1.ListSubscriptionsRequest;
import dev.playhead.v1.ListSubscriptionsResponse;
import dev.playhead.v1.SubscriptionServiceGrpc;
import java.util.Objects;
import java.util.stream.Stream;

/** The durable subscriptions of a broker. Any thread may use it. */
public final class Subscriptions {
  private final Connection connection;

  Subscriptions(Connection connection) {
    this.connection = connection;
  }

  /** All, by topic and name, fetched page by page as the stream is read. */
  public Stream<SubscriptionInfo> list() {
    return list("");
  }

  /** Those of topics that match, by topic and name, fetched page by page as the stream is read. */
  public Stream<SubscriptionInfo> list(String topicGlob) {
    Objects.requireNonNull(topicGlob, "topicGlob");
    return Pages.stream(token -> page(topicGlob, token)).map(SubscriptionInfo::ofWire);
  }

  private Pages.Page<dev.playhead.v1.Subscription> page(String glob, String token) {
    ListSubscriptionsRequest request =
        ListSubscriptionsRequest.newBuilder().setGlob(glob).setPageToken(token).build();
    ListSubscriptionsResponse response =
        connection.request(
            SubscriptionServiceGrpc.getListSubscriptionsMethod(), request, "list subscriptions");
    return new Pages.Page<>(response.getSubscriptionsList(), response.getNextPageToken());
  }
}
