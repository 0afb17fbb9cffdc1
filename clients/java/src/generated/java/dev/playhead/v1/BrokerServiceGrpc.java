package dev.playhead.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * BrokerService appends messages to topics and reads them back, from any moment on.
 * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
 * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
 * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
 * ** for any number of tokens.
 * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
 * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
 * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
 * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
 * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
 * without a reason.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class BrokerServiceGrpc {

  private BrokerServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "playhead.v1.BrokerService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.PublishRequest,
      dev.playhead.v1.PublishResponse> getPublishMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Publish",
      requestType = dev.playhead.v1.PublishRequest.class,
      responseType = dev.playhead.v1.PublishResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.PublishRequest,
      dev.playhead.v1.PublishResponse> getPublishMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.PublishRequest, dev.playhead.v1.PublishResponse> getPublishMethod;
    if ((getPublishMethod = BrokerServiceGrpc.getPublishMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getPublishMethod = BrokerServiceGrpc.getPublishMethod) == null) {
          BrokerServiceGrpc.getPublishMethod = getPublishMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.PublishRequest, dev.playhead.v1.PublishResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Publish"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PublishRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PublishResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("Publish"))
              .build();
        }
      }
    }
    return getPublishMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.PublishStreamRequest,
      dev.playhead.v1.PublishStreamResponse> getPublishStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PublishStream",
      requestType = dev.playhead.v1.PublishStreamRequest.class,
      responseType = dev.playhead.v1.PublishStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.PublishStreamRequest,
      dev.playhead.v1.PublishStreamResponse> getPublishStreamMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.PublishStreamRequest, dev.playhead.v1.PublishStreamResponse> getPublishStreamMethod;
    if ((getPublishStreamMethod = BrokerServiceGrpc.getPublishStreamMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getPublishStreamMethod = BrokerServiceGrpc.getPublishStreamMethod) == null) {
          BrokerServiceGrpc.getPublishStreamMethod = getPublishStreamMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.PublishStreamRequest, dev.playhead.v1.PublishStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PublishStream"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PublishStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PublishStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("PublishStream"))
              .build();
        }
      }
    }
    return getPublishStreamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.ReadRequest,
      dev.playhead.v1.ReadResponse> getReadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Read",
      requestType = dev.playhead.v1.ReadRequest.class,
      responseType = dev.playhead.v1.ReadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.ReadRequest,
      dev.playhead.v1.ReadResponse> getReadMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.ReadRequest, dev.playhead.v1.ReadResponse> getReadMethod;
    if ((getReadMethod = BrokerServiceGrpc.getReadMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getReadMethod = BrokerServiceGrpc.getReadMethod) == null) {
          BrokerServiceGrpc.getReadMethod = getReadMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.ReadRequest, dev.playhead.v1.ReadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Read"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ReadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ReadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("Read"))
              .build();
        }
      }
    }
    return getReadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.SubscribeRequest,
      dev.playhead.v1.SubscribeResponse> getSubscribeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Subscribe",
      requestType = dev.playhead.v1.SubscribeRequest.class,
      responseType = dev.playhead.v1.SubscribeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.SubscribeRequest,
      dev.playhead.v1.SubscribeResponse> getSubscribeMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.SubscribeRequest, dev.playhead.v1.SubscribeResponse> getSubscribeMethod;
    if ((getSubscribeMethod = BrokerServiceGrpc.getSubscribeMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getSubscribeMethod = BrokerServiceGrpc.getSubscribeMethod) == null) {
          BrokerServiceGrpc.getSubscribeMethod = getSubscribeMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.SubscribeRequest, dev.playhead.v1.SubscribeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Subscribe"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SubscribeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SubscribeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("Subscribe"))
              .build();
        }
      }
    }
    return getSubscribeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.GetProducerRequest,
      dev.playhead.v1.GetProducerResponse> getGetProducerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetProducer",
      requestType = dev.playhead.v1.GetProducerRequest.class,
      responseType = dev.playhead.v1.GetProducerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.GetProducerRequest,
      dev.playhead.v1.GetProducerResponse> getGetProducerMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.GetProducerRequest, dev.playhead.v1.GetProducerResponse> getGetProducerMethod;
    if ((getGetProducerMethod = BrokerServiceGrpc.getGetProducerMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getGetProducerMethod = BrokerServiceGrpc.getGetProducerMethod) == null) {
          BrokerServiceGrpc.getGetProducerMethod = getGetProducerMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.GetProducerRequest, dev.playhead.v1.GetProducerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetProducer"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetProducerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetProducerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("GetProducer"))
              .build();
        }
      }
    }
    return getGetProducerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.GetServerInfoRequest,
      dev.playhead.v1.GetServerInfoResponse> getGetServerInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServerInfo",
      requestType = dev.playhead.v1.GetServerInfoRequest.class,
      responseType = dev.playhead.v1.GetServerInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.GetServerInfoRequest,
      dev.playhead.v1.GetServerInfoResponse> getGetServerInfoMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.GetServerInfoRequest, dev.playhead.v1.GetServerInfoResponse> getGetServerInfoMethod;
    if ((getGetServerInfoMethod = BrokerServiceGrpc.getGetServerInfoMethod) == null) {
      synchronized (BrokerServiceGrpc.class) {
        if ((getGetServerInfoMethod = BrokerServiceGrpc.getGetServerInfoMethod) == null) {
          BrokerServiceGrpc.getGetServerInfoMethod = getGetServerInfoMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.GetServerInfoRequest, dev.playhead.v1.GetServerInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServerInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetServerInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetServerInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new BrokerServiceMethodDescriptorSupplier("GetServerInfo"))
              .build();
        }
      }
    }
    return getGetServerInfoMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static BrokerServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BrokerServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BrokerServiceStub>() {
        @java.lang.Override
        public BrokerServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BrokerServiceStub(channel, callOptions);
        }
      };
    return BrokerServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static BrokerServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BrokerServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BrokerServiceBlockingV2Stub>() {
        @java.lang.Override
        public BrokerServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BrokerServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return BrokerServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static BrokerServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BrokerServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BrokerServiceBlockingStub>() {
        @java.lang.Override
        public BrokerServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BrokerServiceBlockingStub(channel, callOptions);
        }
      };
    return BrokerServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static BrokerServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<BrokerServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<BrokerServiceFutureStub>() {
        @java.lang.Override
        public BrokerServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new BrokerServiceFutureStub(channel, callOptions);
        }
      };
    return BrokerServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Publish appends the messages of one request, all or none, and answers once they are on disk. For
     * throughput use PublishStream.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, REQUEST_TOO_LARGE; TOPIC_NOT_FOUND if the broker is set not to
     * create topics, LIMIT_EXCEEDED if it has as many as it may; CHANNEL_CLOSED, TOPIC_DELETED; CONFLICT with
     * expected_last_timestamp_ns; PRODUCER_CONFLICT with a producer; BACKLOG_FULL if a subscription refuses more;
     * DISK_FULL, OVERLOADED, SHUTTING_DOWN: nothing was stored; STORAGE_FAILED: not known whether it was;
     * DATA_LOSS: the marker of a closed topic is lost.
     * </pre>
     */
    default void publish(dev.playhead.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPublishMethod(), responseObserver);
    }

    /**
     * <pre>
     * PublishStream appends many requests. Each is all or none; the results come in the order of the requests,
     * and one response carries the results of as many requests as were committed together. The broker
     * holds back a client that sends faster than the disk by not reading on. The stream is bound to the topic
     * as it was at its first use: after a delete its requests get TOPIC_DELETED. Ends OK once the client has ended
     * its side and has all results.
     * Errors: those of Publish, each in the result of its request. Behind a result of DISK_FULL, OVERLOADED,
     * STORAGE_FAILED or SHUTTING_DOWN the stream ends, since later requests would overtake that one: nothing
     * behind it has a result, and whether it was stored is not known.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.playhead.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<dev.playhead.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getPublishStreamMethod(), responseObserver);
    }

    /**
     * <pre>
     * Read answers with what is there now, up to a bound; it never waits. Page on with next_timestamp_ns.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND; TOPIC_DELETED while it was read; DATA_LOSS if the page would
     * begin with what is lost; STORAGE_FAILED.
     * </pre>
     */
    default void read(dev.playhead.v1.ReadRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ReadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Subscribe streams every retained message from a position on, once and in order, then follows the tail. It
     * can be opened before the topic exists. Ends OK after an End event. An unknown topic with nothing to wait for
     * (until_now, or an until that has passed) is TOPIC_NOT_FOUND.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED before the first response; later,
     * in an End: DATA_LOSS, STORAGE_FAILED, SHUTTING_DOWN.
     * </pre>
     */
    default void subscribe(dev.playhead.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetProducer tells the last sequence that a producer has used on a topic, so that a program that
     * starts again can go on behind it.
     * Errors: INVALID_ARGUMENT for what is no name of a topic. A topic or a producer that is not known is no
     * error: it has no last sequence.
     * </pre>
     */
    default void getProducer(dev.playhead.v1.GetProducerRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetProducerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetProducerMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetServerInfo tells version, limits, durability and clock.
     * Errors: none of its own.
     * </pre>
     */
    default void getServerInfo(dev.playhead.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServerInfoMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service BrokerService.
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public static abstract class BrokerServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return BrokerServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service BrokerService.
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public static final class BrokerServiceStub
      extends io.grpc.stub.AbstractAsyncStub<BrokerServiceStub> {
    private BrokerServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BrokerServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BrokerServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publish appends the messages of one request, all or none, and answers once they are on disk. For
     * throughput use PublishStream.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, REQUEST_TOO_LARGE; TOPIC_NOT_FOUND if the broker is set not to
     * create topics, LIMIT_EXCEEDED if it has as many as it may; CHANNEL_CLOSED, TOPIC_DELETED; CONFLICT with
     * expected_last_timestamp_ns; PRODUCER_CONFLICT with a producer; BACKLOG_FULL if a subscription refuses more;
     * DISK_FULL, OVERLOADED, SHUTTING_DOWN: nothing was stored; STORAGE_FAILED: not known whether it was;
     * DATA_LOSS: the marker of a closed topic is lost.
     * </pre>
     */
    public void publish(dev.playhead.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * PublishStream appends many requests. Each is all or none; the results come in the order of the requests,
     * and one response carries the results of as many requests as were committed together. The broker
     * holds back a client that sends faster than the disk by not reading on. The stream is bound to the topic
     * as it was at its first use: after a delete its requests get TOPIC_DELETED. Ends OK once the client has ended
     * its side and has all results.
     * Errors: those of Publish, each in the result of its request. Behind a result of DISK_FULL, OVERLOADED,
     * STORAGE_FAILED or SHUTTING_DOWN the stream ends, since later requests would overtake that one: nothing
     * behind it has a result, and whether it was stored is not known.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.playhead.v1.PublishStreamRequest> publishStream(
        io.grpc.stub.StreamObserver<dev.playhead.v1.PublishStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getPublishStreamMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Read answers with what is there now, up to a bound; it never waits. Page on with next_timestamp_ns.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND; TOPIC_DELETED while it was read; DATA_LOSS if the page would
     * begin with what is lost; STORAGE_FAILED.
     * </pre>
     */
    public void read(dev.playhead.v1.ReadRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ReadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Subscribe streams every retained message from a position on, once and in order, then follows the tail. It
     * can be opened before the topic exists. Ends OK after an End event. An unknown topic with nothing to wait for
     * (until_now, or an until that has passed) is TOPIC_NOT_FOUND.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED before the first response; later,
     * in an End: DATA_LOSS, STORAGE_FAILED, SHUTTING_DOWN.
     * </pre>
     */
    public void subscribe(dev.playhead.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetProducer tells the last sequence that a producer has used on a topic, so that a program that
     * starts again can go on behind it.
     * Errors: INVALID_ARGUMENT for what is no name of a topic. A topic or a producer that is not known is no
     * error: it has no last sequence.
     * </pre>
     */
    public void getProducer(dev.playhead.v1.GetProducerRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetProducerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetProducerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetServerInfo tells version, limits, durability and clock.
     * Errors: none of its own.
     * </pre>
     */
    public void getServerInfo(dev.playhead.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service BrokerService.
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public static final class BrokerServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<BrokerServiceBlockingV2Stub> {
    private BrokerServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BrokerServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BrokerServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Publish appends the messages of one request, all or none, and answers once they are on disk. For
     * throughput use PublishStream.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, REQUEST_TOO_LARGE; TOPIC_NOT_FOUND if the broker is set not to
     * create topics, LIMIT_EXCEEDED if it has as many as it may; CHANNEL_CLOSED, TOPIC_DELETED; CONFLICT with
     * expected_last_timestamp_ns; PRODUCER_CONFLICT with a producer; BACKLOG_FULL if a subscription refuses more;
     * DISK_FULL, OVERLOADED, SHUTTING_DOWN: nothing was stored; STORAGE_FAILED: not known whether it was;
     * DATA_LOSS: the marker of a closed topic is lost.
     * </pre>
     */
    public dev.playhead.v1.PublishResponse publish(dev.playhead.v1.PublishRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * PublishStream appends many requests. Each is all or none; the results come in the order of the requests,
     * and one response carries the results of as many requests as were committed together. The broker
     * holds back a client that sends faster than the disk by not reading on. The stream is bound to the topic
     * as it was at its first use: after a delete its requests get TOPIC_DELETED. Ends OK once the client has ended
     * its side and has all results.
     * Errors: those of Publish, each in the result of its request. Behind a result of DISK_FULL, OVERLOADED,
     * STORAGE_FAILED or SHUTTING_DOWN the stream ends, since later requests would overtake that one: nothing
     * behind it has a result, and whether it was stored is not known.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.playhead.v1.PublishStreamRequest, dev.playhead.v1.PublishStreamResponse>
        publishStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getPublishStreamMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Read answers with what is there now, up to a bound; it never waits. Page on with next_timestamp_ns.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND; TOPIC_DELETED while it was read; DATA_LOSS if the page would
     * begin with what is lost; STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.ReadResponse read(dev.playhead.v1.ReadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribe streams every retained message from a position on, once and in order, then follows the tail. It
     * can be opened before the topic exists. Ends OK after an End event. An unknown topic with nothing to wait for
     * (until_now, or an until that has passed) is TOPIC_NOT_FOUND.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED before the first response; later,
     * in an End: DATA_LOSS, STORAGE_FAILED, SHUTTING_DOWN.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.playhead.v1.SubscribeResponse>
        subscribe(dev.playhead.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetProducer tells the last sequence that a producer has used on a topic, so that a program that
     * starts again can go on behind it.
     * Errors: INVALID_ARGUMENT for what is no name of a topic. A topic or a producer that is not known is no
     * error: it has no last sequence.
     * </pre>
     */
    public dev.playhead.v1.GetProducerResponse getProducer(dev.playhead.v1.GetProducerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetProducerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetServerInfo tells version, limits, durability and clock.
     * Errors: none of its own.
     * </pre>
     */
    public dev.playhead.v1.GetServerInfoResponse getServerInfo(dev.playhead.v1.GetServerInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service BrokerService.
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public static final class BrokerServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<BrokerServiceBlockingStub> {
    private BrokerServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BrokerServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BrokerServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publish appends the messages of one request, all or none, and answers once they are on disk. For
     * throughput use PublishStream.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, REQUEST_TOO_LARGE; TOPIC_NOT_FOUND if the broker is set not to
     * create topics, LIMIT_EXCEEDED if it has as many as it may; CHANNEL_CLOSED, TOPIC_DELETED; CONFLICT with
     * expected_last_timestamp_ns; PRODUCER_CONFLICT with a producer; BACKLOG_FULL if a subscription refuses more;
     * DISK_FULL, OVERLOADED, SHUTTING_DOWN: nothing was stored; STORAGE_FAILED: not known whether it was;
     * DATA_LOSS: the marker of a closed topic is lost.
     * </pre>
     */
    public dev.playhead.v1.PublishResponse publish(dev.playhead.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Read answers with what is there now, up to a bound; it never waits. Page on with next_timestamp_ns.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND; TOPIC_DELETED while it was read; DATA_LOSS if the page would
     * begin with what is lost; STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.ReadResponse read(dev.playhead.v1.ReadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribe streams every retained message from a position on, once and in order, then follows the tail. It
     * can be opened before the topic exists. Ends OK after an End event. An unknown topic with nothing to wait for
     * (until_now, or an until that has passed) is TOPIC_NOT_FOUND.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED before the first response; later,
     * in an End: DATA_LOSS, STORAGE_FAILED, SHUTTING_DOWN.
     * </pre>
     */
    public java.util.Iterator<dev.playhead.v1.SubscribeResponse> subscribe(
        dev.playhead.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetProducer tells the last sequence that a producer has used on a topic, so that a program that
     * starts again can go on behind it.
     * Errors: INVALID_ARGUMENT for what is no name of a topic. A topic or a producer that is not known is no
     * error: it has no last sequence.
     * </pre>
     */
    public dev.playhead.v1.GetProducerResponse getProducer(dev.playhead.v1.GetProducerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetProducerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetServerInfo tells version, limits, durability and clock.
     * Errors: none of its own.
     * </pre>
     */
    public dev.playhead.v1.GetServerInfoResponse getServerInfo(dev.playhead.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service BrokerService.
   * <pre>
   * BrokerService appends messages to topics and reads them back, from any moment on.
   * A topic name is 1 to 255 bytes of printable ASCII without space and without * ? [ ] { } &#92; " # %. "/" and
   * "." part it into tokens; no token is empty, "." or "..". Topics whose names begin with "_" are the broker's own: they
   * can be read, and only a glob that begins so matches them. In a glob, the token * stands for one token and
   * ** for any number of tokens.
   * A refusal before the first response is a gRPC status with google.rpc.ErrorInfo. On a stream that has begun,
   * errors and ends are told inside the stream, which then ends OK: no message before them is lost.
   * Each RPC of each service lists its errors, by their ErrorReason. Besides, every one of them can have MALFORMED, for
   * bytes that are no request, and INTERNAL. A request over the limit of the transport, which is twice max_request_bytes and
   * a little, ends the whole call, a stream with all that is under way on it, with the bare gRPC status RESOURCE_EXHAUSTED:
   * without a reason.
   * </pre>
   */
  public static final class BrokerServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<BrokerServiceFutureStub> {
    private BrokerServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected BrokerServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new BrokerServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Publish appends the messages of one request, all or none, and answers once they are on disk. For
     * throughput use PublishStream.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, REQUEST_TOO_LARGE; TOPIC_NOT_FOUND if the broker is set not to
     * create topics, LIMIT_EXCEEDED if it has as many as it may; CHANNEL_CLOSED, TOPIC_DELETED; CONFLICT with
     * expected_last_timestamp_ns; PRODUCER_CONFLICT with a producer; BACKLOG_FULL if a subscription refuses more;
     * DISK_FULL, OVERLOADED, SHUTTING_DOWN: nothing was stored; STORAGE_FAILED: not known whether it was;
     * DATA_LOSS: the marker of a closed topic is lost.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.PublishResponse> publish(
        dev.playhead.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Read answers with what is there now, up to a bound; it never waits. Page on with next_timestamp_ns.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND; TOPIC_DELETED while it was read; DATA_LOSS if the page would
     * begin with what is lost; STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.ReadResponse> read(
        dev.playhead.v1.ReadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReadMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetProducer tells the last sequence that a producer has used on a topic, so that a program that
     * starts again can go on behind it.
     * Errors: INVALID_ARGUMENT for what is no name of a topic. A topic or a producer that is not known is no
     * error: it has no last sequence.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.GetProducerResponse> getProducer(
        dev.playhead.v1.GetProducerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetProducerMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetServerInfo tells version, limits, durability and clock.
     * Errors: none of its own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.GetServerInfoResponse> getServerInfo(
        dev.playhead.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUBLISH = 0;
  private static final int METHODID_READ = 1;
  private static final int METHODID_SUBSCRIBE = 2;
  private static final int METHODID_GET_PRODUCER = 3;
  private static final int METHODID_GET_SERVER_INFO = 4;
  private static final int METHODID_PUBLISH_STREAM = 5;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PUBLISH:
          serviceImpl.publish((dev.playhead.v1.PublishRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.PublishResponse>) responseObserver);
          break;
        case METHODID_READ:
          serviceImpl.read((dev.playhead.v1.ReadRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.ReadResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE:
          serviceImpl.subscribe((dev.playhead.v1.SubscribeRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.SubscribeResponse>) responseObserver);
          break;
        case METHODID_GET_PRODUCER:
          serviceImpl.getProducer((dev.playhead.v1.GetProducerRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.GetProducerResponse>) responseObserver);
          break;
        case METHODID_GET_SERVER_INFO:
          serviceImpl.getServerInfo((dev.playhead.v1.GetServerInfoRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.GetServerInfoResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PUBLISH_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.publishStream(
              (io.grpc.stub.StreamObserver<dev.playhead.v1.PublishStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPublishMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.PublishRequest,
              dev.playhead.v1.PublishResponse>(
                service, METHODID_PUBLISH)))
        .addMethod(
          getPublishStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.playhead.v1.PublishStreamRequest,
              dev.playhead.v1.PublishStreamResponse>(
                service, METHODID_PUBLISH_STREAM)))
        .addMethod(
          getReadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.ReadRequest,
              dev.playhead.v1.ReadResponse>(
                service, METHODID_READ)))
        .addMethod(
          getSubscribeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.playhead.v1.SubscribeRequest,
              dev.playhead.v1.SubscribeResponse>(
                service, METHODID_SUBSCRIBE)))
        .addMethod(
          getGetProducerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.GetProducerRequest,
              dev.playhead.v1.GetProducerResponse>(
                service, METHODID_GET_PRODUCER)))
        .addMethod(
          getGetServerInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.GetServerInfoRequest,
              dev.playhead.v1.GetServerInfoResponse>(
                service, METHODID_GET_SERVER_INFO)))
        .build();
  }

  private static abstract class BrokerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    BrokerServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.playhead.v1.Broker.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("BrokerService");
    }
  }

  private static final class BrokerServiceFileDescriptorSupplier
      extends BrokerServiceBaseDescriptorSupplier {
    BrokerServiceFileDescriptorSupplier() {}
  }

  private static final class BrokerServiceMethodDescriptorSupplier
      extends BrokerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    BrokerServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (BrokerServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new BrokerServiceFileDescriptorSupplier())
              .addMethod(getPublishMethod())
              .addMethod(getPublishStreamMethod())
              .addMethod(getReadMethod())
              .addMethod(getSubscribeMethod())
              .addMethod(getGetProducerMethod())
              .addMethod(getGetServerInfoMethod())
              .build();
        }
      }
    }
    return result;
  }
}
