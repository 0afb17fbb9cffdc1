package io.playhead.client;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Makes a client. For one thread. */
public final class ClientBuilder {
  private List<String> addresses = List.of(Addresses.DEFAULT);
  private Optional<TlsOptions> tls = Optional.empty();
  private Duration requestTimeout = Duration.ofSeconds(30);
  private Duration initialBackoff = Duration.ofMillis(50);
  private Duration maxBackoff = Duration.ofSeconds(2);
  private Optional<Duration> giveUpAfter = Optional.empty();
  private Consumer<RetryEvent> onRetry = event -> {};

  ClientBuilder() {}

  /**
   * Where the broker is; {@code 127.0.0.1:17777} by default. Several are tried in turn while one is
   * away.
   */
  public ClientBuilder addresses(String... values) {
    Objects.requireNonNull(values, "addresses");
    addresses = Addresses.parse(Checks.elements("addresses", Arrays.asList(values)));
    return this;
  }

  /** As {@link #addresses(String...)}. */
  public ClientBuilder addresses(List<String> values) {
    addresses = Addresses.parse(Checks.elements("addresses", values));
    return this;
  }

  /** Connects over TLS; without it, in the clear. */
  public ClientBuilder tls(TlsOptions value) {
    tls = Optional.of(Objects.requireNonNull(value, "tls"));
    return this;
  }

  /** For each single request, its retries included; 30 s by default. */
  public ClientBuilder requestTimeout(Duration value) {
    Checks.positive("requestTimeout", value);
    requestTimeout = value;
    return this;
  }

  /**
   * First pause between two tries, half of it random; 50 ms by default. Doubles from try to try.
   */
  public ClientBuilder initialBackoff(Duration value) {
    Checks.positive("initialBackoff", value);
    initialBackoff = value;
    return this;
  }

  /** Longest pause between two tries; 2 s by default. */
  public ClientBuilder maxBackoff(Duration value) {
    Checks.positive("maxBackoff", value);
    maxBackoff = value;
    return this;
  }

  /**
   * How long after its first failure in a row an operation fails; zero: once each address was
   * tried. By default a single request tries as long as its timeout, a publisher two minutes, and a
   * subscription for ever.
   */
  public ClientBuilder giveUpAfter(Duration value) {
    giveUpAfter = Optional.of(Checks.notNegative("giveUpAfter", value));
    return this;
  }

  /** Told of every try that failed and will be repeated, for logs; in a thread of the client. */
  public ClientBuilder onRetry(Consumer<RetryEvent> value) {
    onRetry = Objects.requireNonNull(value, "onRetry");
    return this;
  }

  /**
   * The client, which connects at its first use. Throws an IllegalArgumentException if a file of
   * TLS cannot be read.
   */
  public PlayheadClient build() {
    ChannelCredentials credentials =
        tls.isPresent() ? tls.get().toCredentials() : InsecureChannelCredentials.create();
    return new PlayheadClient(
        new ClientSettings(
            addresses,
            credentials,
            tls.flatMap(TlsOptions::serverName),
            Clock.toMs(requestTimeout),
            Clock.toMs(initialBackoff),
            Clock.toMs(maxBackoff),
            giveUpAfter.isPresent()
                ? OptionalLong.of(Clock.toMs(giveUpAfter.get()))
                : OptionalLong.empty(),
            onRetry));
  }
}
