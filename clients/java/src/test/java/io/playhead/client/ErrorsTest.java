package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.playhead.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ErrorsTest {
  private static final String ADDRESS = "127.0.0.1:17777";

  private static PlayheadException explain(String domain, String reason) {
    ErrorInfo info =
        ErrorInfo.newBuilder()
            .setDomain(domain)
            .setReason(reason)
            .putMetadata("topic", "orders")
            .build();
    StatusRuntimeException error =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.NOT_FOUND.value())
                .setMessage("topic orders does not exist")
                .addDetails(Any.pack(info))
                .build());
    return Errors.ofStatus(error.getStatus(), error.getTrailers(), ADDRESS);
  }

  @Test
  void theReasonAndItsMetadataComeFromTheTrailer() {
    PlayheadException error = explain("playhead", "TOPIC_NOT_FOUND");
    assertEquals(Reason.TOPIC_NOT_FOUND, error.reason());
    assertEquals(Map.of("topic", "orders"), error.metadata());
    assertEquals("TOPIC_NOT_FOUND: topic orders does not exist", error.getMessage());
    assertFalse(error.isRetryable());
  }

  @Test
  void detailsOfSomebodyElseSayNothing() {
    assertEquals(Reason.INTERNAL, explain("proxy.example", "TOPIC_NOT_FOUND").reason());
  }

  @Test
  void aReasonOfALaterVersionIsInternal() {
    assertEquals(Reason.INTERNAL, explain("playhead", "OF_TOMORROW").reason());
    assertEquals(Reason.INTERNAL, explain("playhead", "UNREACHABLE").reason());
  }

  @Test
  void everyReasonOfTheBrokerIsKnown() {
    for (ErrorReason wire : ErrorReason.values()) {
      boolean isReal =
          wire != ErrorReason.UNRECOGNIZED && wire != ErrorReason.ERROR_REASON_UNSPECIFIED;
      if (isReal) {
        assertEquals(wire.name(), "ERROR_REASON_" + Reason.ofWire(wire).name());
      }
    }
  }

  @Test
  void aLostConnectionMayBeTriedAgain() {
    for (Status status :
        new Status[] {
          Status.UNAVAILABLE.withDescription("io exception"),
          Status.CANCELLED.withDescription("RST_STREAM closed stream"),
          Status.INTERNAL.withDescription("Encountered end-of-stream mid-frame"),
        }) {
      PlayheadException error = Errors.ofStatus(status, new Metadata(), ADDRESS);
      assertEquals(Reason.UNREACHABLE, error.reason());
      assertTrue(error.isRetryable());
      assertTrue(error.getMessage().contains(ADDRESS));
    }
  }

  @Test
  void whyThereIsNoConnectionIsTheDeepestCauseInOneLine() {
    Throwable certificate =
        new CertificateException("PKIX failed", new IOException("unable to find a path"));
    Throwable handshake = new IOException("General OpenSslEngine problem", certificate);
    Status status =
        Status.UNAVAILABLE
            .withDescription("io exception\nChannel Pipeline: [SslHandler#0, x]")
            .withCause(handshake);
    assertEquals(
        "UNREACHABLE: broker 127.0.0.1:17777 is unreachable: its certificate was refused: "
            + "unable to find a path",
        Errors.ofStatus(status, new Metadata(), ADDRESS).getMessage());
    Status refused =
        Status.UNAVAILABLE
            .withDescription("io exception")
            .withCause(new IOException("Connection refused: /127.0.0.1:17777"));
    assertEquals(
        "UNREACHABLE: broker 127.0.0.1:17777 is unreachable: Connection refused: /127.0.0.1:17777",
        Errors.ofStatus(refused, new Metadata(), ADDRESS).getMessage());
    assertEquals(
        "UNREACHABLE: broker 127.0.0.1:17777 is unreachable: io exception",
        Errors.ofStatus(status.withCause(null), new Metadata(), ADDRESS).getMessage());
  }
}
