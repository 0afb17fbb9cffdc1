package io.playhead.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One try of one request. The deadline and the cancellation of the caller's gRPC context hold for
 * it.
 */
final class UnaryCall<Q, R> extends ClientCall.Listener<R> {
  private final Connection connection;
  private final Endpoint endpoint;
  private final MethodDescriptor<Q, R> method;
  private final String operation;
  private final CompletableFuture<R> answer = new CompletableFuture<>();
  private long timeoutMs;
  private volatile R response;
  private volatile boolean hasBeenSent;

  UnaryCall(
      Connection connection, Endpoint endpoint, MethodDescriptor<Q, R> method, String operation) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.method = method;
    this.operation = operation;
  }

  /** Waits for the answer. Throws a PlayheadException. */
  R run(Q request, long timeoutMs) {
    this.timeoutMs = timeoutMs;
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
            .withStreamTracerFactory(new SendTracer());
    ClientCall<Q, R> call = endpoint.channel(Lane.PUBLISH).newCall(method, options);
    ScheduledFuture<?> watch =
        ConnectWatch.start(connection, endpoint, Lane.PUBLISH, answer::completeExceptionally);
    try {
      call.start(this, new Metadata());
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
      return answer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PlayheadException error
          ? error.here()
          : new PlayheadException(Reason.INTERNAL, operation + " failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled(operation, e);
    } finally {
      watch.cancel(false);
      // Of no effect if it is over.
      call.cancel("not wanted any more", null);
    }
  }

  /** Whether there was a connection for it, so that the broker may have done what it asks for. */
  boolean hasBeenSent() {
    return hasBeenSent;
  }

  @Override
  public void onMessage(R message) {
    response = message;
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (!status.isOk()) {
      answer.completeExceptionally(explain(status, trailers));
    } else if (response == null) {
      answer.completeExceptionally(
          new PlayheadException(
              Reason.INTERNAL, "broker " + endpoint.address() + " answered nothing"));
    } else {
      answer.complete(response);
    }
  }

  private PlayheadException explain(Status status, Metadata trailers) {
    // A time that is over before there was a connection says nothing of the broker's work.
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED && !endpoint.isReady(Lane.PUBLISH)
        ? Errors.noConnection(endpoint.address(), timeoutMs)
        : Errors.ofStatus(status, trailers, endpoint.address());
  }

  /** Notices that the request leaves. */
  private final class SendTracer extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void outboundHeaders() {
          hasBeenSent = true;
        }
      };
    }
  }
}
