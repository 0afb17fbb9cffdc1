package io.playhead.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.ScheduledFuture;

/**
 * One streaming call. Its owner calls it under its own lock, and is told of everything in other
 * threads, also after it has given the call up: it looks whether it is still this one.
 */
final class StreamCall<Q, R> extends ClientCall.Listener<R> {
  /** What the owner is told. */
  interface Listener<Q, R> {
    /** The next response; another one comes once {@link #requestNext} is called. */
    void onResponse(StreamCall<Q, R> call, R response);

    /** The call is over, and the broker did not say why inside of it. */
    void onBroken(StreamCall<Q, R> call, PlayheadException error);
  }

  private final Endpoint endpoint;
  private final ClientCall<Q, R> call;
  private final Listener<Q, R> listener;
  private final ScheduledFuture<?> watch;

  StreamCall(
      Connection connection,
      Endpoint endpoint,
      Lane lane,
      MethodDescriptor<Q, R> method,
      Listener<Q, R> listener) {
    this.endpoint = endpoint;
    this.listener = listener;
    // It outlives the request of whoever has begun it, and so that one's deadline.
    Context previous = Context.ROOT.attach();
    try {
      call = endpoint.channel(lane).newCall(method, CallOptions.DEFAULT);
    } finally {
      Context.ROOT.detach(previous);
    }
    watch = ConnectWatch.start(connection, endpoint, lane, error -> listener.onBroken(this, error));
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** Begins, and lets the first response come. */
  void start() {
    call.start(this, new Metadata());
    call.request(1);
  }

  /**
   * Sends a request. The owner bounds how many are under way, so that nothing waits for room here.
   */
  void send(Q request) {
    call.sendMessage(request);
  }

  /** Lets one more response come: what is not asked for holds the broker back. */
  void requestNext() {
    call.request(1);
  }

  /** Ends this side; the broker then ends the call. */
  void end() {
    watch.cancel(false);
    call.halfClose();
  }

  /** Gives the call up. */
  void cancel() {
    watch.cancel(false);
    call.cancel("not wanted any more", null);
  }

  @Override
  public void onHeaders(Metadata headers) {
    watch.cancel(false);
  }

  @Override
  public void onMessage(R message) {
    listener.onResponse(this, message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    watch.cancel(false);
    String address = endpoint.address();
    listener.onBroken(
        this,
        status.isOk()
            ? new PlayheadException(
                Reason.UNREACHABLE, "broker " + address + " ended the stream without a reason")
            : Errors.ofStatus(status, trailers, address));
  }
}
