package io.playhead.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How to reach a broker over TLS. The certificate of the broker is checked against the roots of the
 * system, or against one CA.
 *
 * @param ca certificates to trust instead of those of the system; PEM
 * @param clientCertificate certificate chain that this client shows; PEM
 * @param clientKey private key of that; PEM, PKCS#8
 * @param serverName name that the broker's certificate is to have, if it is not that of the address
 */
public record TlsOptions(
    Optional<Path> ca,
    Optional<Path> clientCertificate,
    Optional<Path> clientKey,
    Optional<String> serverName) {

  /** Checks. */
  public TlsOptions {
    Objects.requireNonNull(ca, "ca");
    Objects.requireNonNull(clientCertificate, "clientCertificate");
    Objects.requireNonNull(clientKey, "clientKey");
    Objects.requireNonNull(serverName, "serverName");
  }

  /** Trusts what the system trusts. */
  public static TlsOptions systemRoots() {
    return new TlsOptions(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Trusts the certificates in this PEM file, and no others. */
  public static TlsOptions ca(Path ca) {
    return new TlsOptions(
        Optional.of(Objects.requireNonNull(ca, "ca")),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Shows a certificate to the broker. */
  public TlsOptions withClientCertificate(Path certificate, Path key) {
    return new TlsOptions(
        ca,
        Optional.of(Objects.requireNonNull(certificate, "certificate")),
        Optional.of(Objects.requireNonNull(key, "key")),
        serverName);
  }

  /** Expects this name in the broker's certificate. */
  public TlsOptions withServerName(String name) {
    return new TlsOptions(
        ca, clientCertificate, clientKey, Optional.of(Objects.requireNonNull(name, "name")));
  }

  /** Throws an IllegalArgumentException if a file cannot be read. */
  ChannelCredentials toCredentials() {
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    try {
      if (ca.isPresent()) {
        builder.trustManager(ca.get().toFile());
      }
      if (clientCertificate.isPresent()) {
        Path key =
            clientKey.orElseThrow(
                () -> new IllegalArgumentException("a client certificate needs its key"));
        builder.keyManager(clientCertificate.get().toFile(), key.toFile());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("TLS: " + e.getMessage(), e);
    }
    return builder.build();
  }
}
