package io.playhead.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.regex.Pattern;

/** Makes exceptions of what gRPC and the broker say. */
final class Errors {
  private static final String DOMAIN = "playhead";

  /** INTERNAL is how gRPC reports a stream that was cut in the middle, with one of these texts. */
  private static final Pattern LOST_CONNECTION =
      Pattern.compile("RST_STREAM|end-of-stream|http2 exception|goaway", Pattern.CASE_INSENSITIVE);

  private static final Pattern OVER_TRANSPORT_LIMIT =
      Pattern.compile("larger than max|exceeds maximum", Pattern.CASE_INSENSITIVE);

  /** Of what others say; some of them quote all the bytes that they did not understand. */
  private static final int MAX_TEXT = 1000;

  /** A chain of causes may bite its own tail. */
  private static final int MAX_CAUSES = 20;

  private Errors() {}

  static PlayheadException closed(String what) {
    return new PlayheadException(Reason.CLIENT_CLOSED, what + " is closed");
  }

  static PlayheadException cancelled(String what, Throwable cause) {
    return new PlayheadException(Reason.CANCELLED, what + " was cancelled", cause);
  }

  static PlayheadException notInTime(String what, long timeoutMs, Throwable cause) {
    return new PlayheadException(
        Reason.DEADLINE_EXCEEDED, what + ": not done within " + timeoutMs + " ms", cause);
  }

  static PlayheadException topicDeleted(String topic) {
    return new PlayheadException(
        Reason.TOPIC_DELETED, "topic " + topic + " was deleted", Map.of("topic", topic), null);
  }

  static PlayheadException conflict(String text, long receipt) {
    return new PlayheadException(
        Reason.CONFLICT, text, Map.of("receipt", Long.toString(receipt)), null);
  }

  static PlayheadException noConnection(String address, long timeoutMs) {
    return new PlayheadException(
        Reason.UNREACHABLE,
        "broker " + address + " is unreachable: no connection within " + timeoutMs + " ms");
  }

  /** An error that the broker told inside a stream. */
  static PlayheadException ofWire(dev.playhead.v1.Error error) {
    return new PlayheadException(
        Reason.ofWire(error.getReason()), error.getMessage(), error.getMetadataMap(), null);
  }

  /** The status of a call that failed and that this client did not cancel. */
  static PlayheadException ofStatus(Status status, Metadata trailers, String address) {
    StatusRuntimeException cause = status.asRuntimeException(trailers);
    ErrorInfo info = infoOf(status, trailers);
    if (info != null) {
      Reason reason = Reason.ofBroker(info.getReason());
      return new PlayheadException(reason, descriptionOf(status), info.getMetadataMap(), cause);
    }
    Reason reason = reasonOf(status);
    String text =
        reason == Reason.UNREACHABLE
            ? "broker " + address + " is unreachable: " + connectFailure(status)
            : "broker " + address + " answered " + status.getCode() + ": " + textOf(status);
    return new PlayheadException(reason, text, cause);
  }

  private static ErrorInfo infoOf(Status status, Metadata trailers) {
    com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
    for (Any any : details.getDetailsList()) {
      try {
        if (any.is(ErrorInfo.class)) {
          ErrorInfo info = any.unpack(ErrorInfo.class);
          if (info.getDomain().equals(DOMAIN)) {
            return info;
          }
        }
      } catch (InvalidProtocolBufferException e) {
        // Some proxy wrote the trailer. The status code still tells what happened.
        return null;
      }
    }
    return null;
  }

  private static String descriptionOf(Status status) {
    return status.getDescription() == null ? "" : status.getDescription();
  }

  private static String textOf(Status status) {
    return firstLine(descriptionOf(status));
  }

  /** The deepest cause, without what the layers above say around it. */
  private static String connectFailure(Status status) {
    String text = textOf(status);
    boolean isCertificate = false;
    Throwable cause = status.getCause();
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      isCertificate |= cause instanceof CertificateException;
      if (cause.getMessage() != null) {
        text = firstLine(cause.getMessage());
      }
      cause = cause.getCause();
    }
    return isCertificate ? "its certificate was refused: " + text : text;
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("").strip();
    return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT) + "…";
  }

  private static Reason reasonOf(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE, CANCELLED -> Reason.UNREACHABLE;
      case UNKNOWN ->
          status.getCause() instanceof IOException ? Reason.UNREACHABLE : Reason.INTERNAL;
      case INTERNAL ->
          LOST_CONNECTION.matcher(textOf(status)).find() ? Reason.UNREACHABLE : Reason.INTERNAL;
      case DEADLINE_EXCEEDED -> Reason.DEADLINE_EXCEEDED;
      case INVALID_ARGUMENT -> Reason.INVALID_ARGUMENT;
      // The transport itself refuses what is over its own limit, before the broker sees it.
      case RESOURCE_EXHAUSTED ->
          OVER_TRANSPORT_LIMIT.matcher(textOf(status)).find()
              ? Reason.REQUEST_TOO_LARGE
              : Reason.OVERLOADED;
      case DATA_LOSS -> Reason.DATA_LOSS;
      default -> Reason.INTERNAL;
    };
  }
}
