package io.playhead.client;

import io.grpc.ChannelCredentials;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What a connection is told, all of it decided.
 *
 * @param giveUpAfterMs empty: each kind of operation has its own
 * @param serverName what the certificate of the broker is checked for, if not the address
 */
record ClientSettings(
    List<String> addresses,
    ChannelCredentials credentials,
    Optional<String> serverName,
    long requestTimeoutMs,
    long initialBackoffMs,
    long maxBackoffMs,
    OptionalLong giveUpAfterMs,
    Consumer<RetryEvent> onRetry) {}
