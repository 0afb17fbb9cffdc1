package io.playhead.client;

import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/**
 * Notices that there is no connection: a host that drops packets would otherwise hold a call for
 * minutes.
 */
final class ConnectWatch {
  private static final long TIMEOUT_MS = 5000;

  private ConnectWatch() {}

  /**
   * Tells if there is no connection for a call that has just begun after five seconds. Cancel it
   * when there is an answer.
   */
  static ScheduledFuture<?> start(
      Connection connection, Endpoint endpoint, Lane lane, Consumer<PlayheadException> onStuck) {
    return connection.schedule(
        () -> {
          if (!endpoint.isReady(lane)) {
            onStuck.accept(Errors.noConnection(endpoint.address(), TIMEOUT_MS));
          }
        },
        TIMEOUT_MS);
  }
}
