package io.playhead.client;

import dev.playhead.v1.BrokerServiceGrpc;
import dev.playhead.v1.Closed;
import dev.playhead.v1.GetProducerRequest;
import dev.playhead.v1.GetProducerResponse;
import dev.playhead.v1.GetTopicRequest;
import dev.playhead.v1.GetTopicResponse;
import dev.playhead.v1.PublishResult;
import dev.playhead.v1.PublishStreamRequest;
import dev.playhead.v1.PublishStreamResponse;
import dev.playhead.v1.SubscribeRequest;
import dev.playhead.v1.SubscribeResponse;
import dev.playhead.v1.Topic;
import dev.playhead.v1.TopicServiceGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A broker that answers what a test tells it to. */
final class FakeBroker implements AutoCloseable {
  private static final long PATIENCE_S = 10;

  /** A request of a publish stream, and where its answer goes. */
  record Publishing(PublishStreamRequest request, StreamObserver<PublishStreamResponse> answers) {
    /** Stores it from this timestamp on. */
    void store(long firstTimestampNs) {
      dev.playhead.v1.PublishAck.Builder ack =
          dev.playhead.v1.PublishAck.newBuilder()
              .setFirstTimestampNs(firstTimestampNs)
              .setLastTimestampNs(firstTimestampNs + request.getMessagesCount() - 1);
      if (request.hasClose()) {
        ack.setClosed(Closed.newBuilder().setTopic(request.getTopic()));
      }
      answer(PublishResult.newBuilder().setAck(ack).build());
    }

    void refuse(dev.playhead.v1.ErrorReason reason) {
      dev.playhead.v1.Error error =
          dev.playhead.v1.Error.newBuilder().setReason(reason).setMessage("refused").build();
      answer(PublishResult.newBuilder().setError(error).build());
    }

    /** Cuts the stream. */
    void cut() {
      answers.onError(Status.UNAVAILABLE.asRuntimeException());
    }

    private void answer(PublishResult result) {
      answers.onNext(PublishStreamResponse.newBuilder().addResults(result).build());
    }
  }

  /** A subscription. */
  record Subscribing(SubscribeRequest request, StreamObserver<SubscribeResponse> responses) {
    /** Cuts the stream. */
    void cut() {
      responses.onError(Status.UNAVAILABLE.asRuntimeException());
    }
  }

  private final BlockingQueue<Publishing> publishings = new LinkedBlockingQueue<>();
  private final BlockingQueue<Subscribing> subscribings = new LinkedBlockingQueue<>();
  private final Server server;
  private volatile long lastSequence;
  private volatile long messageCount;

  FakeBroker() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Service())
            .addService(new Topics())
            .build()
            .start();
  }

  /** A client of it that tries again at once. */
  PlayheadClient connect() {
    return PlayheadClient.builder()
        .addresses("127.0.0.1:" + server.getPort())
        .initialBackoff(Duration.ofMillis(1))
        .build();
  }

  /** What producers are told of what they have used. */
  void setLastSequence(long sequence) {
    lastSequence = sequence;
  }

  /** What is said to be in each topic. */
  void setMessageCount(long count) {
    messageCount = count;
  }

  /** The next request of a publisher. */
  Publishing nextPublish() throws InterruptedException {
    return next(publishings);
  }

  /** The next subscription. */
  Subscribing nextSubscribe() throws InterruptedException {
    return next(subscribings);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the client has not asked");
    }
    return next;
  }

  private final class Service extends BrokerServiceGrpc.BrokerServiceImplBase {
    @Override
    public void getProducer(
        GetProducerRequest request, StreamObserver<GetProducerResponse> answers) {
      answers.onNext(GetProducerResponse.newBuilder().setLastSequence(lastSequence).build());
      answers.onCompleted();
    }

    @Override
    public StreamObserver<PublishStreamRequest> publishStream(
        StreamObserver<PublishStreamResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(PublishStreamRequest request) {
          publishings.add(new Publishing(request, answers));
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }

    @Override
    public void subscribe(SubscribeRequest request, StreamObserver<SubscribeResponse> responses) {
      subscribings.add(new Subscribing(request, responses));
    }
  }

  private final class Topics extends TopicServiceGrpc.TopicServiceImplBase {
    @Override
    public void getTopic(GetTopicRequest request, StreamObserver<GetTopicResponse> answers) {
      Topic topic =
          Topic.newBuilder().setTopic(request.getTopic()).setMessageCount(messageCount).build();
      answers.onNext(GetTopicResponse.newBuilder().setTopic(topic).build());
      answers.onCompleted();
    }
  }
}
