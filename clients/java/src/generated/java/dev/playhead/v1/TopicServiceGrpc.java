package dev.playhead.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TopicServiceGrpc {

  private TopicServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "playhead.v1.TopicService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.CreateTopicRequest,
      dev.playhead.v1.CreateTopicResponse> getCreateTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateTopic",
      requestType = dev.playhead.v1.CreateTopicRequest.class,
      responseType = dev.playhead.v1.CreateTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.CreateTopicRequest,
      dev.playhead.v1.CreateTopicResponse> getCreateTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.CreateTopicRequest, dev.playhead.v1.CreateTopicResponse> getCreateTopicMethod;
    if ((getCreateTopicMethod = TopicServiceGrpc.getCreateTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getCreateTopicMethod = TopicServiceGrpc.getCreateTopicMethod) == null) {
          TopicServiceGrpc.getCreateTopicMethod = getCreateTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.CreateTopicRequest, dev.playhead.v1.CreateTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("CreateTopic"))
              .build();
        }
      }
    }
    return getCreateTopicMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.GetTopicRequest,
      dev.playhead.v1.GetTopicResponse> getGetTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetTopic",
      requestType = dev.playhead.v1.GetTopicRequest.class,
      responseType = dev.playhead.v1.GetTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.GetTopicRequest,
      dev.playhead.v1.GetTopicResponse> getGetTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.GetTopicRequest, dev.playhead.v1.GetTopicResponse> getGetTopicMethod;
    if ((getGetTopicMethod = TopicServiceGrpc.getGetTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getGetTopicMethod = TopicServiceGrpc.getGetTopicMethod) == null) {
          TopicServiceGrpc.getGetTopicMethod = getGetTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.GetTopicRequest, dev.playhead.v1.GetTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("GetTopic"))
              .build();
        }
      }
    }
    return getGetTopicMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.ListTopicsRequest,
      dev.playhead.v1.ListTopicsResponse> getListTopicsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTopics",
      requestType = dev.playhead.v1.ListTopicsRequest.class,
      responseType = dev.playhead.v1.ListTopicsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.ListTopicsRequest,
      dev.playhead.v1.ListTopicsResponse> getListTopicsMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.ListTopicsRequest, dev.playhead.v1.ListTopicsResponse> getListTopicsMethod;
    if ((getListTopicsMethod = TopicServiceGrpc.getListTopicsMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getListTopicsMethod = TopicServiceGrpc.getListTopicsMethod) == null) {
          TopicServiceGrpc.getListTopicsMethod = getListTopicsMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.ListTopicsRequest, dev.playhead.v1.ListTopicsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTopics"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListTopicsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListTopicsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("ListTopics"))
              .build();
        }
      }
    }
    return getListTopicsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.UpdateTopicRequest,
      dev.playhead.v1.UpdateTopicResponse> getUpdateTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateTopic",
      requestType = dev.playhead.v1.UpdateTopicRequest.class,
      responseType = dev.playhead.v1.UpdateTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.UpdateTopicRequest,
      dev.playhead.v1.UpdateTopicResponse> getUpdateTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.UpdateTopicRequest, dev.playhead.v1.UpdateTopicResponse> getUpdateTopicMethod;
    if ((getUpdateTopicMethod = TopicServiceGrpc.getUpdateTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getUpdateTopicMethod = TopicServiceGrpc.getUpdateTopicMethod) == null) {
          TopicServiceGrpc.getUpdateTopicMethod = getUpdateTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.UpdateTopicRequest, dev.playhead.v1.UpdateTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.UpdateTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.UpdateTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("UpdateTopic"))
              .build();
        }
      }
    }
    return getUpdateTopicMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.TrimTopicRequest,
      dev.playhead.v1.TrimTopicResponse> getTrimTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TrimTopic",
      requestType = dev.playhead.v1.TrimTopicRequest.class,
      responseType = dev.playhead.v1.TrimTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.TrimTopicRequest,
      dev.playhead.v1.TrimTopicResponse> getTrimTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.TrimTopicRequest, dev.playhead.v1.TrimTopicResponse> getTrimTopicMethod;
    if ((getTrimTopicMethod = TopicServiceGrpc.getTrimTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getTrimTopicMethod = TopicServiceGrpc.getTrimTopicMethod) == null) {
          TopicServiceGrpc.getTrimTopicMethod = getTrimTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.TrimTopicRequest, dev.playhead.v1.TrimTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TrimTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.TrimTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.TrimTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("TrimTopic"))
              .build();
        }
      }
    }
    return getTrimTopicMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.CloseTopicRequest,
      dev.playhead.v1.CloseTopicResponse> getCloseTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CloseTopic",
      requestType = dev.playhead.v1.CloseTopicRequest.class,
      responseType = dev.playhead.v1.CloseTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.CloseTopicRequest,
      dev.playhead.v1.CloseTopicResponse> getCloseTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.CloseTopicRequest, dev.playhead.v1.CloseTopicResponse> getCloseTopicMethod;
    if ((getCloseTopicMethod = TopicServiceGrpc.getCloseTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getCloseTopicMethod = TopicServiceGrpc.getCloseTopicMethod) == null) {
          TopicServiceGrpc.getCloseTopicMethod = getCloseTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.CloseTopicRequest, dev.playhead.v1.CloseTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CloseTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CloseTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CloseTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("CloseTopic"))
              .build();
        }
      }
    }
    return getCloseTopicMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.DeleteTopicRequest,
      dev.playhead.v1.DeleteTopicResponse> getDeleteTopicMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteTopic",
      requestType = dev.playhead.v1.DeleteTopicRequest.class,
      responseType = dev.playhead.v1.DeleteTopicResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.DeleteTopicRequest,
      dev.playhead.v1.DeleteTopicResponse> getDeleteTopicMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.DeleteTopicRequest, dev.playhead.v1.DeleteTopicResponse> getDeleteTopicMethod;
    if ((getDeleteTopicMethod = TopicServiceGrpc.getDeleteTopicMethod) == null) {
      synchronized (TopicServiceGrpc.class) {
        if ((getDeleteTopicMethod = TopicServiceGrpc.getDeleteTopicMethod) == null) {
          TopicServiceGrpc.getDeleteTopicMethod = getDeleteTopicMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.DeleteTopicRequest, dev.playhead.v1.DeleteTopicResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteTopic"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.DeleteTopicRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.DeleteTopicResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TopicServiceMethodDescriptorSupplier("DeleteTopic"))
              .build();
        }
      }
    }
    return getDeleteTopicMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TopicServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TopicServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TopicServiceStub>() {
        @java.lang.Override
        public TopicServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TopicServiceStub(channel, callOptions);
        }
      };
    return TopicServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TopicServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TopicServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TopicServiceBlockingV2Stub>() {
        @java.lang.Override
        public TopicServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TopicServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TopicServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TopicServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TopicServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TopicServiceBlockingStub>() {
        @java.lang.Override
        public TopicServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TopicServiceBlockingStub(channel, callOptions);
        }
      };
    return TopicServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TopicServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TopicServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TopicServiceFutureStub>() {
        @java.lang.Override
        public TopicServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TopicServiceFutureStub(channel, callOptions);
        }
      };
    return TopicServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateTopic makes a topic. If one of that name exists with the same configuration, it answers with that;
     * with another one it is refused.
     * Errors: INVALID_ARGUMENT, TOPIC_EXISTS, LIMIT_EXCEEDED, DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void createTopic(dev.playhead.v1.CreateTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTopicMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetTopic describes a topic.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND.
     * </pre>
     */
    default void getTopic(dev.playhead.v1.GetTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTopicMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListTopics describes the topics that match a glob, by name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none. If no topic matches, the page is
     * empty.
     * </pre>
     */
    default void listTopics(dev.playhead.v1.ListTopicsRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListTopicsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTopicsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateTopic changes those settings that are set.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    default void updateTopic(dev.playhead.v1.UpdateTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTopicMethod(), responseObserver);
    }

    /**
     * <pre>
     * TrimTopic removes the messages before a timestamp: for readers at once and for ever, from the disk soon after. A
     * trim never takes anything back.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    default void trimTopic(dev.playhead.v1.TrimTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.TrimTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTrimTopicMethod(), responseObserver);
    }

    /**
     * <pre>
     * CloseTopic seals a topic, ordered with every concurrent publish: each is wholly before the close
     * or refused with CHANNEL_CLOSED. Closing again answers as the first time. To close together with a last
     * batch, use Publish. A topic that does not exist is created, unless the broker is set not to.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND if the broker is set not to create topics, LIMIT_EXCEEDED if it
     * has as many as it may; TOPIC_DELETED; DISK_FULL, OVERLOADED, SHUTTING_DOWN; STORAGE_FAILED: not known
     * whether it is closed; DATA_LOSS: it is closed, and its marker is lost.
     * </pre>
     */
    default void closeTopic(dev.playhead.v1.CloseTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CloseTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCloseTopicMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteTopic removes a topic for readers and writers at once; its subscriptions end with Deleted, and the name
     * is free. The disk space comes back soon after.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    default void deleteTopic(dev.playhead.v1.DeleteTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteTopicResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTopicMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TopicService.
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public static abstract class TopicServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TopicServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TopicService.
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public static final class TopicServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TopicServiceStub> {
    private TopicServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TopicServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TopicServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateTopic makes a topic. If one of that name exists with the same configuration, it answers with that;
     * with another one it is refused.
     * Errors: INVALID_ARGUMENT, TOPIC_EXISTS, LIMIT_EXCEEDED, DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void createTopic(dev.playhead.v1.CreateTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTopicMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetTopic describes a topic.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND.
     * </pre>
     */
    public void getTopic(dev.playhead.v1.GetTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTopicMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListTopics describes the topics that match a glob, by name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none. If no topic matches, the page is
     * empty.
     * </pre>
     */
    public void listTopics(dev.playhead.v1.ListTopicsRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListTopicsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTopicsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateTopic changes those settings that are set.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public void updateTopic(dev.playhead.v1.UpdateTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTopicMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * TrimTopic removes the messages before a timestamp: for readers at once and for ever, from the disk soon after. A
     * trim never takes anything back.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public void trimTopic(dev.playhead.v1.TrimTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.TrimTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTrimTopicMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CloseTopic seals a topic, ordered with every concurrent publish: each is wholly before the close
     * or refused with CHANNEL_CLOSED. Closing again answers as the first time. To close together with a last
     * batch, use Publish. A topic that does not exist is created, unless the broker is set not to.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND if the broker is set not to create topics, LIMIT_EXCEEDED if it
     * has as many as it may; TOPIC_DELETED; DISK_FULL, OVERLOADED, SHUTTING_DOWN; STORAGE_FAILED: not known
     * whether it is closed; DATA_LOSS: it is closed, and its marker is lost.
     * </pre>
     */
    public void closeTopic(dev.playhead.v1.CloseTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CloseTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCloseTopicMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteTopic removes a topic for readers and writers at once; its subscriptions end with Deleted, and the name
     * is free. The disk space comes back soon after.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public void deleteTopic(dev.playhead.v1.DeleteTopicRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteTopicResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTopicMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TopicService.
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public static final class TopicServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TopicServiceBlockingV2Stub> {
    private TopicServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TopicServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TopicServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateTopic makes a topic. If one of that name exists with the same configuration, it answers with that;
     * with another one it is refused.
     * Errors: INVALID_ARGUMENT, TOPIC_EXISTS, LIMIT_EXCEEDED, DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CreateTopicResponse createTopic(dev.playhead.v1.CreateTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetTopic describes a topic.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND.
     * </pre>
     */
    public dev.playhead.v1.GetTopicResponse getTopic(dev.playhead.v1.GetTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTopics describes the topics that match a glob, by name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none. If no topic matches, the page is
     * empty.
     * </pre>
     */
    public dev.playhead.v1.ListTopicsResponse listTopics(dev.playhead.v1.ListTopicsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTopicsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateTopic changes those settings that are set.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.UpdateTopicResponse updateTopic(dev.playhead.v1.UpdateTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TrimTopic removes the messages before a timestamp: for readers at once and for ever, from the disk soon after. A
     * trim never takes anything back.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.TrimTopicResponse trimTopic(dev.playhead.v1.TrimTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTrimTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CloseTopic seals a topic, ordered with every concurrent publish: each is wholly before the close
     * or refused with CHANNEL_CLOSED. Closing again answers as the first time. To close together with a last
     * batch, use Publish. A topic that does not exist is created, unless the broker is set not to.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND if the broker is set not to create topics, LIMIT_EXCEEDED if it
     * has as many as it may; TOPIC_DELETED; DISK_FULL, OVERLOADED, SHUTTING_DOWN; STORAGE_FAILED: not known
     * whether it is closed; DATA_LOSS: it is closed, and its marker is lost.
     * </pre>
     */
    public dev.playhead.v1.CloseTopicResponse closeTopic(dev.playhead.v1.CloseTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCloseTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteTopic removes a topic for readers and writers at once; its subscriptions end with Deleted, and the name
     * is free. The disk space comes back soon after.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.DeleteTopicResponse deleteTopic(dev.playhead.v1.DeleteTopicRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTopicMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TopicService.
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public static final class TopicServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TopicServiceBlockingStub> {
    private TopicServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TopicServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TopicServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateTopic makes a topic. If one of that name exists with the same configuration, it answers with that;
     * with another one it is refused.
     * Errors: INVALID_ARGUMENT, TOPIC_EXISTS, LIMIT_EXCEEDED, DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CreateTopicResponse createTopic(dev.playhead.v1.CreateTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetTopic describes a topic.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND.
     * </pre>
     */
    public dev.playhead.v1.GetTopicResponse getTopic(dev.playhead.v1.GetTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTopics describes the topics that match a glob, by name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none. If no topic matches, the page is
     * empty.
     * </pre>
     */
    public dev.playhead.v1.ListTopicsResponse listTopics(dev.playhead.v1.ListTopicsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTopicsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateTopic changes those settings that are set.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.UpdateTopicResponse updateTopic(dev.playhead.v1.UpdateTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * TrimTopic removes the messages before a timestamp: for readers at once and for ever, from the disk soon after. A
     * trim never takes anything back.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.TrimTopicResponse trimTopic(dev.playhead.v1.TrimTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTrimTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CloseTopic seals a topic, ordered with every concurrent publish: each is wholly before the close
     * or refused with CHANNEL_CLOSED. Closing again answers as the first time. To close together with a last
     * batch, use Publish. A topic that does not exist is created, unless the broker is set not to.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND if the broker is set not to create topics, LIMIT_EXCEEDED if it
     * has as many as it may; TOPIC_DELETED; DISK_FULL, OVERLOADED, SHUTTING_DOWN; STORAGE_FAILED: not known
     * whether it is closed; DATA_LOSS: it is closed, and its marker is lost.
     * </pre>
     */
    public dev.playhead.v1.CloseTopicResponse closeTopic(dev.playhead.v1.CloseTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCloseTopicMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteTopic removes a topic for readers and writers at once; its subscriptions end with Deleted, and the name
     * is free. The disk space comes back soon after.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public dev.playhead.v1.DeleteTopicResponse deleteTopic(dev.playhead.v1.DeleteTopicRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTopicMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TopicService.
   * <pre>
   * TopicService creates, describes, trims, closes and deletes topics. For names see BrokerService.
   * </pre>
   */
  public static final class TopicServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TopicServiceFutureStub> {
    private TopicServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TopicServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TopicServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateTopic makes a topic. If one of that name exists with the same configuration, it answers with that;
     * with another one it is refused.
     * Errors: INVALID_ARGUMENT, TOPIC_EXISTS, LIMIT_EXCEEDED, DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.CreateTopicResponse> createTopic(
        dev.playhead.v1.CreateTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTopicMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetTopic describes a topic.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.GetTopicResponse> getTopic(
        dev.playhead.v1.GetTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTopicMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListTopics describes the topics that match a glob, by name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none. If no topic matches, the page is
     * empty.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.ListTopicsResponse> listTopics(
        dev.playhead.v1.ListTopicsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTopicsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateTopic changes those settings that are set.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.UpdateTopicResponse> updateTopic(
        dev.playhead.v1.UpdateTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTopicMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * TrimTopic removes the messages before a timestamp: for readers at once and for ever, from the disk soon after. A
     * trim never takes anything back.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.TrimTopicResponse> trimTopic(
        dev.playhead.v1.TrimTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTrimTopicMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CloseTopic seals a topic, ordered with every concurrent publish: each is wholly before the close
     * or refused with CHANNEL_CLOSED. Closing again answers as the first time. To close together with a last
     * batch, use Publish. A topic that does not exist is created, unless the broker is set not to.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND if the broker is set not to create topics, LIMIT_EXCEEDED if it
     * has as many as it may; TOPIC_DELETED; DISK_FULL, OVERLOADED, SHUTTING_DOWN; STORAGE_FAILED: not known
     * whether it is closed; DATA_LOSS: it is closed, and its marker is lost.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.CloseTopicResponse> closeTopic(
        dev.playhead.v1.CloseTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCloseTopicMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteTopic removes a topic for readers and writers at once; its subscriptions end with Deleted, and the name
     * is free. The disk space comes back soon after.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED, and DISK_FULL where not even a
     * record can be written.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.DeleteTopicResponse> deleteTopic(
        dev.playhead.v1.DeleteTopicRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTopicMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_TOPIC = 0;
  private static final int METHODID_GET_TOPIC = 1;
  private static final int METHODID_LIST_TOPICS = 2;
  private static final int METHODID_UPDATE_TOPIC = 3;
  private static final int METHODID_TRIM_TOPIC = 4;
  private static final int METHODID_CLOSE_TOPIC = 5;
  private static final int METHODID_DELETE_TOPIC = 6;

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
        case METHODID_CREATE_TOPIC:
          serviceImpl.createTopic((dev.playhead.v1.CreateTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.CreateTopicResponse>) responseObserver);
          break;
        case METHODID_GET_TOPIC:
          serviceImpl.getTopic((dev.playhead.v1.GetTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.GetTopicResponse>) responseObserver);
          break;
        case METHODID_LIST_TOPICS:
          serviceImpl.listTopics((dev.playhead.v1.ListTopicsRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.ListTopicsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TOPIC:
          serviceImpl.updateTopic((dev.playhead.v1.UpdateTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateTopicResponse>) responseObserver);
          break;
        case METHODID_TRIM_TOPIC:
          serviceImpl.trimTopic((dev.playhead.v1.TrimTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.TrimTopicResponse>) responseObserver);
          break;
        case METHODID_CLOSE_TOPIC:
          serviceImpl.closeTopic((dev.playhead.v1.CloseTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.CloseTopicResponse>) responseObserver);
          break;
        case METHODID_DELETE_TOPIC:
          serviceImpl.deleteTopic((dev.playhead.v1.DeleteTopicRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteTopicResponse>) responseObserver);
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
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.CreateTopicRequest,
              dev.playhead.v1.CreateTopicResponse>(
                service, METHODID_CREATE_TOPIC)))
        .addMethod(
          getGetTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.GetTopicRequest,
              dev.playhead.v1.GetTopicResponse>(
                service, METHODID_GET_TOPIC)))
        .addMethod(
          getListTopicsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.ListTopicsRequest,
              dev.playhead.v1.ListTopicsResponse>(
                service, METHODID_LIST_TOPICS)))
        .addMethod(
          getUpdateTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.UpdateTopicRequest,
              dev.playhead.v1.UpdateTopicResponse>(
                service, METHODID_UPDATE_TOPIC)))
        .addMethod(
          getTrimTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.TrimTopicRequest,
              dev.playhead.v1.TrimTopicResponse>(
                service, METHODID_TRIM_TOPIC)))
        .addMethod(
          getCloseTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.CloseTopicRequest,
              dev.playhead.v1.CloseTopicResponse>(
                service, METHODID_CLOSE_TOPIC)))
        .addMethod(
          getDeleteTopicMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.DeleteTopicRequest,
              dev.playhead.v1.DeleteTopicResponse>(
                service, METHODID_DELETE_TOPIC)))
        .build();
  }

  private static abstract class TopicServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TopicServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.playhead.v1.TopicOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TopicService");
    }
  }

  private static final class TopicServiceFileDescriptorSupplier
      extends TopicServiceBaseDescriptorSupplier {
    TopicServiceFileDescriptorSupplier() {}
  }

  private static final class TopicServiceMethodDescriptorSupplier
      extends TopicServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TopicServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TopicServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TopicServiceFileDescriptorSupplier())
              .addMethod(getCreateTopicMethod())
              .addMethod(getGetTopicMethod())
              .addMethod(getListTopicsMethod())
              .addMethod(getUpdateTopicMethod())
              .addMethod(getTrimTopicMethod())
              .addMethod(getCloseTopicMethod())
              .addMethod(getDeleteTopicMethod())
              .build();
        }
      }
    }
    return result;
  }
}
