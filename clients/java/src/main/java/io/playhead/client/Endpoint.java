package io.playhead.client;

import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One address, and the connections to it from its first use until it fails. Then another one takes
 * its place, perhaps of the same address: a fresh connection is tried at once, while one that
 * failed would first sit out gRPC's own pauses of up to two minutes.
 */
final class Endpoint {
  private static final long KEEPALIVE_MS = 30_000;
  private static final long KEEPALIVE_TIMEOUT_MS = 10_000;

  /**
   * HTTP/2 lets a broker send so much that nobody has read; 64 KiB would cap a link of 10 ms at 6
   * MB/s.
   */
  private static final int FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;

  private final String address;
  private final ClientSettings settings;
  private final Executor executor;
  private final Map<Lane, ManagedChannel> channels = new EnumMap<>(Lane.class);
  private boolean isRetired;

  Endpoint(String address, ClientSettings settings, Executor executor) {
    this.address = address;
    this.settings = settings;
    this.executor = executor;
  }

  String address() {
    return address;
  }

  /**
   * The connection of a lane, which is made at its first use. What begins on a retired one fails,
   * and is tried elsewhere.
   */
  synchronized ManagedChannel channel(Lane lane) {
    return channels.computeIfAbsent(
        lane,
        key -> {
          ManagedChannel channel = createChannel();
          if (isRetired) {
            channel.shutdown();
          }
          return channel;
        });
  }

  boolean isReady(Lane lane) {
    return channel(lane).getState(false) == ConnectivityState.READY;
  }

  /** Takes nothing new; what is under way may end. */
  synchronized void retire() {
    isRetired = true;
    for (ManagedChannel channel : channels.values()) {
      channel.shutdown();
    }
  }

  synchronized boolean isTerminated() {
    return channels.values().stream().allMatch(ManagedChannel::isTerminated);
  }

  /** Waits so long for what is under way, then cuts it off. */
  void close(long timeoutMs) throws InterruptedException {
    retire();
    List<ManagedChannel> closing;
    synchronized (this) {
      closing = new ArrayList<>(channels.values());
    }
    long untilMs = Clock.nowMs() + timeoutMs;
    for (ManagedChannel channel : closing) {
      long leftMs = Math.max(untilMs - Clock.nowMs(), 0);
      if (!channel.awaitTermination(leftMs, TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    }
  }

  private ManagedChannel createChannel() {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(Addresses.toTarget(address), settings.credentials())
            .executor(executor)
            .offloadExecutor(executor)
            .userAgent("playhead-java")
            .disableRetry()
            .disableServiceConfigLookUp()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            // A broker whose machine is gone answers nothing, not even with a reset.
            .keepAliveTime(KEEPALIVE_MS, TimeUnit.MILLISECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    settings.serverName().ifPresent(builder::overrideAuthority);
    if (builder instanceof NettyChannelBuilder netty) {
      netty.flowControlWindow(FLOW_CONTROL_WINDOW_BYTES);
    }
    return builder.build();
  }
}
