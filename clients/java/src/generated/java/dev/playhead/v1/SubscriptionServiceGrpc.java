package dev.playhead.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
 * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
 * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
 * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
 * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SubscriptionServiceGrpc {

  private SubscriptionServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "playhead.v1.SubscriptionService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.CreateSubscriptionRequest,
      dev.playhead.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSubscription",
      requestType = dev.playhead.v1.CreateSubscriptionRequest.class,
      responseType = dev.playhead.v1.CreateSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.CreateSubscriptionRequest,
      dev.playhead.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.CreateSubscriptionRequest, dev.playhead.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod;
    if ((getCreateSubscriptionMethod = SubscriptionServiceGrpc.getCreateSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getCreateSubscriptionMethod = SubscriptionServiceGrpc.getCreateSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getCreateSubscriptionMethod = getCreateSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.CreateSubscriptionRequest, dev.playhead.v1.CreateSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("CreateSubscription"))
              .build();
        }
      }
    }
    return getCreateSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.GetSubscriptionRequest,
      dev.playhead.v1.GetSubscriptionResponse> getGetSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSubscription",
      requestType = dev.playhead.v1.GetSubscriptionRequest.class,
      responseType = dev.playhead.v1.GetSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.GetSubscriptionRequest,
      dev.playhead.v1.GetSubscriptionResponse> getGetSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.GetSubscriptionRequest, dev.playhead.v1.GetSubscriptionResponse> getGetSubscriptionMethod;
    if ((getGetSubscriptionMethod = SubscriptionServiceGrpc.getGetSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getGetSubscriptionMethod = SubscriptionServiceGrpc.getGetSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getGetSubscriptionMethod = getGetSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.GetSubscriptionRequest, dev.playhead.v1.GetSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("GetSubscription"))
              .build();
        }
      }
    }
    return getGetSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.ListSubscriptionsRequest,
      dev.playhead.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSubscriptions",
      requestType = dev.playhead.v1.ListSubscriptionsRequest.class,
      responseType = dev.playhead.v1.ListSubscriptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.ListSubscriptionsRequest,
      dev.playhead.v1.ListSubscriptionsResponse> getListSubscriptionsMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.ListSubscriptionsRequest, dev.playhead.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;
    if ((getListSubscriptionsMethod = SubscriptionServiceGrpc.getListSubscriptionsMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getListSubscriptionsMethod = SubscriptionServiceGrpc.getListSubscriptionsMethod) == null) {
          SubscriptionServiceGrpc.getListSubscriptionsMethod = getListSubscriptionsMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.ListSubscriptionsRequest, dev.playhead.v1.ListSubscriptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSubscriptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListSubscriptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListSubscriptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("ListSubscriptions"))
              .build();
        }
      }
    }
    return getListSubscriptionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.UpdateSubscriptionRequest,
      dev.playhead.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSubscription",
      requestType = dev.playhead.v1.UpdateSubscriptionRequest.class,
      responseType = dev.playhead.v1.UpdateSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.UpdateSubscriptionRequest,
      dev.playhead.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.UpdateSubscriptionRequest, dev.playhead.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod;
    if ((getUpdateSubscriptionMethod = SubscriptionServiceGrpc.getUpdateSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getUpdateSubscriptionMethod = SubscriptionServiceGrpc.getUpdateSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getUpdateSubscriptionMethod = getUpdateSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.UpdateSubscriptionRequest, dev.playhead.v1.UpdateSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.UpdateSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.UpdateSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("UpdateSubscription"))
              .build();
        }
      }
    }
    return getUpdateSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.DeleteSubscriptionRequest,
      dev.playhead.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSubscription",
      requestType = dev.playhead.v1.DeleteSubscriptionRequest.class,
      responseType = dev.playhead.v1.DeleteSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.DeleteSubscriptionRequest,
      dev.playhead.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.DeleteSubscriptionRequest, dev.playhead.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;
    if ((getDeleteSubscriptionMethod = SubscriptionServiceGrpc.getDeleteSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getDeleteSubscriptionMethod = SubscriptionServiceGrpc.getDeleteSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getDeleteSubscriptionMethod = getDeleteSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.DeleteSubscriptionRequest, dev.playhead.v1.DeleteSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.DeleteSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.DeleteSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("DeleteSubscription"))
              .build();
        }
      }
    }
    return getDeleteSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.SeekSubscriptionRequest,
      dev.playhead.v1.SeekSubscriptionResponse> getSeekSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SeekSubscription",
      requestType = dev.playhead.v1.SeekSubscriptionRequest.class,
      responseType = dev.playhead.v1.SeekSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.SeekSubscriptionRequest,
      dev.playhead.v1.SeekSubscriptionResponse> getSeekSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.SeekSubscriptionRequest, dev.playhead.v1.SeekSubscriptionResponse> getSeekSubscriptionMethod;
    if ((getSeekSubscriptionMethod = SubscriptionServiceGrpc.getSeekSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getSeekSubscriptionMethod = SubscriptionServiceGrpc.getSeekSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getSeekSubscriptionMethod = getSeekSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.SeekSubscriptionRequest, dev.playhead.v1.SeekSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SeekSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SeekSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SeekSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("SeekSubscription"))
              .build();
        }
      }
    }
    return getSeekSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.SnapshotSubscriptionRequest,
      dev.playhead.v1.SnapshotSubscriptionResponse> getSnapshotSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SnapshotSubscription",
      requestType = dev.playhead.v1.SnapshotSubscriptionRequest.class,
      responseType = dev.playhead.v1.SnapshotSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.SnapshotSubscriptionRequest,
      dev.playhead.v1.SnapshotSubscriptionResponse> getSnapshotSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.SnapshotSubscriptionRequest, dev.playhead.v1.SnapshotSubscriptionResponse> getSnapshotSubscriptionMethod;
    if ((getSnapshotSubscriptionMethod = SubscriptionServiceGrpc.getSnapshotSubscriptionMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getSnapshotSubscriptionMethod = SubscriptionServiceGrpc.getSnapshotSubscriptionMethod) == null) {
          SubscriptionServiceGrpc.getSnapshotSubscriptionMethod = getSnapshotSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.SnapshotSubscriptionRequest, dev.playhead.v1.SnapshotSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SnapshotSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SnapshotSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.SnapshotSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("SnapshotSubscription"))
              .build();
        }
      }
    }
    return getSnapshotSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.ConsumeRequest,
      dev.playhead.v1.ConsumeResponse> getConsumeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Consume",
      requestType = dev.playhead.v1.ConsumeRequest.class,
      responseType = dev.playhead.v1.ConsumeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.ConsumeRequest,
      dev.playhead.v1.ConsumeResponse> getConsumeMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.ConsumeRequest, dev.playhead.v1.ConsumeResponse> getConsumeMethod;
    if ((getConsumeMethod = SubscriptionServiceGrpc.getConsumeMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getConsumeMethod = SubscriptionServiceGrpc.getConsumeMethod) == null) {
          SubscriptionServiceGrpc.getConsumeMethod = getConsumeMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.ConsumeRequest, dev.playhead.v1.ConsumeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Consume"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ConsumeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ConsumeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("Consume"))
              .build();
        }
      }
    }
    return getConsumeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.PullRequest,
      dev.playhead.v1.PullResponse> getPullMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Pull",
      requestType = dev.playhead.v1.PullRequest.class,
      responseType = dev.playhead.v1.PullResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.PullRequest,
      dev.playhead.v1.PullResponse> getPullMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.PullRequest, dev.playhead.v1.PullResponse> getPullMethod;
    if ((getPullMethod = SubscriptionServiceGrpc.getPullMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getPullMethod = SubscriptionServiceGrpc.getPullMethod) == null) {
          SubscriptionServiceGrpc.getPullMethod = getPullMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.PullRequest, dev.playhead.v1.PullResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Pull"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PullRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.PullResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("Pull"))
              .build();
        }
      }
    }
    return getPullMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.AcknowledgeRequest,
      dev.playhead.v1.AcknowledgeResponse> getAcknowledgeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Acknowledge",
      requestType = dev.playhead.v1.AcknowledgeRequest.class,
      responseType = dev.playhead.v1.AcknowledgeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.AcknowledgeRequest,
      dev.playhead.v1.AcknowledgeResponse> getAcknowledgeMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.AcknowledgeRequest, dev.playhead.v1.AcknowledgeResponse> getAcknowledgeMethod;
    if ((getAcknowledgeMethod = SubscriptionServiceGrpc.getAcknowledgeMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getAcknowledgeMethod = SubscriptionServiceGrpc.getAcknowledgeMethod) == null) {
          SubscriptionServiceGrpc.getAcknowledgeMethod = getAcknowledgeMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.AcknowledgeRequest, dev.playhead.v1.AcknowledgeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Acknowledge"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.AcknowledgeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.AcknowledgeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("Acknowledge"))
              .build();
        }
      }
    }
    return getAcknowledgeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.RedriveDeadLettersRequest,
      dev.playhead.v1.RedriveDeadLettersResponse> getRedriveDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RedriveDeadLetters",
      requestType = dev.playhead.v1.RedriveDeadLettersRequest.class,
      responseType = dev.playhead.v1.RedriveDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.RedriveDeadLettersRequest,
      dev.playhead.v1.RedriveDeadLettersResponse> getRedriveDeadLettersMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.RedriveDeadLettersRequest, dev.playhead.v1.RedriveDeadLettersResponse> getRedriveDeadLettersMethod;
    if ((getRedriveDeadLettersMethod = SubscriptionServiceGrpc.getRedriveDeadLettersMethod) == null) {
      synchronized (SubscriptionServiceGrpc.class) {
        if ((getRedriveDeadLettersMethod = SubscriptionServiceGrpc.getRedriveDeadLettersMethod) == null) {
          SubscriptionServiceGrpc.getRedriveDeadLettersMethod = getRedriveDeadLettersMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.RedriveDeadLettersRequest, dev.playhead.v1.RedriveDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RedriveDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.RedriveDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.RedriveDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubscriptionServiceMethodDescriptorSupplier("RedriveDeadLetters"))
              .build();
        }
      }
    }
    return getRedriveDeadLettersMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SubscriptionServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceStub>() {
        @java.lang.Override
        public SubscriptionServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceStub(channel, callOptions);
        }
      };
    return SubscriptionServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SubscriptionServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingV2Stub>() {
        @java.lang.Override
        public SubscriptionServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SubscriptionServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SubscriptionServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceBlockingStub>() {
        @java.lang.Override
        public SubscriptionServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceBlockingStub(channel, callOptions);
        }
      };
    return SubscriptionServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SubscriptionServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubscriptionServiceFutureStub>() {
        @java.lang.Override
        public SubscriptionServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubscriptionServiceFutureStub(channel, callOptions);
        }
      };
    return SubscriptionServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateSubscription makes a subscription of a topic, which must exist. If one of that name exists with the same
     * settings, it answers with that; with others it is refused, and the message names the difference.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND unless it is to be made; TOPIC_DELETED meanwhile;
     * SUBSCRIPTION_EXISTS; LIMIT_EXCEEDED; DATA_LOSS at the place to begin; DISK_FULL, SHUTTING_DOWN,
     * STORAGE_FAILED, and OVERLOADED for a new topic.
     * </pre>
     */
    default void createSubscription(dev.playhead.v1.CreateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSubscription describes a subscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void getSubscription(dev.playhead.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSubscriptions describes subscriptions, by topic and name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; SHUTTING_DOWN, STORAGE_FAILED. If none matches,
     * the page is empty.
     * </pre>
     */
    default void listSubscriptions(dev.playhead.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSubscriptionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateSubscription changes those settings that are set, for deliveries from now on.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void updateSubscription(dev.playhead.v1.UpdateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSubscription forgets a subscription; its workers are told and end.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void deleteSubscription(dev.playhead.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * SeekSubscription moves a subscription while workers are connected. Leases from before are void: settling them is
     * a CONFLICT. Delivery goes on from the new place, or from a state that SnapshotSubscription has answered.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED; DATA_LOSS at the
     * new place; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void seekSubscription(dev.playhead.v1.SeekSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SeekSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSeekSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * SnapshotSubscription answers with the state of a subscription: what is acknowledged, and how often the rest was
     * delivered. It can be put back by SeekSubscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void snapshotSubscription(dev.playhead.v1.SnapshotSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SnapshotSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSnapshotSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Consume connects a worker. The first request starts it; later ones add credit and settle deliveries. Deliveries
     * and the results of settlements come back on the same stream, results in the order of settlements and once they
     * are on disk. When the stream ends, for whatever reason, its leases are given back at once. A worker that ends its
     * side has its settlements answered and then gets End. Ends OK after an End.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; later, in an End, besides: DATA_LOSS,
     * STORAGE_FAILED, SHUTTING_DOWN. What is wrong with one settlement is told in its result.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.playhead.v1.ConsumeRequest> consume(
        io.grpc.stub.StreamObserver<dev.playhead.v1.ConsumeResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getConsumeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Pull leases messages to a caller without a stream, and waits for some if asked to.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void pull(dev.playhead.v1.PullRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.PullResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPullMethod(), responseObserver);
    }

    /**
     * <pre>
     * Acknowledge settles deliveries of Pull or Consume. Each settlement has its own result; repeated, it is a CONFLICT,
     * since the lease is gone.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED. What is wrong with one settlement is told in its result: CONFLICT.
     * </pre>
     */
    default void acknowledge(dev.playhead.v1.AcknowledgeRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.AcknowledgeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAcknowledgeMethod(), responseObserver);
    }

    /**
     * <pre>
     * RedriveDeadLetters publishes the messages of a dead-letter topic to where they came from, without the headers that
     * a dead letter has, and removes them from it. What is interrupted can be repeated: nothing is published twice.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; of the target what Publish has:
     * TOPIC_NOT_FOUND, TOPIC_DELETED, CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED;
     * DATA_LOSS among the dead letters; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void redriveDeadLetters(dev.playhead.v1.RedriveDeadLettersRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.RedriveDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRedriveDeadLettersMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SubscriptionService.
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public static abstract class SubscriptionServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SubscriptionServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SubscriptionService.
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public static final class SubscriptionServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SubscriptionServiceStub> {
    private SubscriptionServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSubscription makes a subscription of a topic, which must exist. If one of that name exists with the same
     * settings, it answers with that; with others it is refused, and the message names the difference.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND unless it is to be made; TOPIC_DELETED meanwhile;
     * SUBSCRIPTION_EXISTS; LIMIT_EXCEEDED; DATA_LOSS at the place to begin; DISK_FULL, SHUTTING_DOWN,
     * STORAGE_FAILED, and OVERLOADED for a new topic.
     * </pre>
     */
    public void createSubscription(dev.playhead.v1.CreateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSubscription describes a subscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void getSubscription(dev.playhead.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSubscriptions describes subscriptions, by topic and name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; SHUTTING_DOWN, STORAGE_FAILED. If none matches,
     * the page is empty.
     * </pre>
     */
    public void listSubscriptions(dev.playhead.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateSubscription changes those settings that are set, for deliveries from now on.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void updateSubscription(dev.playhead.v1.UpdateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSubscription forgets a subscription; its workers are told and end.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void deleteSubscription(dev.playhead.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SeekSubscription moves a subscription while workers are connected. Leases from before are void: settling them is
     * a CONFLICT. Delivery goes on from the new place, or from a state that SnapshotSubscription has answered.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED; DATA_LOSS at the
     * new place; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void seekSubscription(dev.playhead.v1.SeekSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SeekSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSeekSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SnapshotSubscription answers with the state of a subscription: what is acknowledged, and how often the rest was
     * delivered. It can be put back by SeekSubscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void snapshotSubscription(dev.playhead.v1.SnapshotSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.SnapshotSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSnapshotSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Consume connects a worker. The first request starts it; later ones add credit and settle deliveries. Deliveries
     * and the results of settlements come back on the same stream, results in the order of settlements and once they
     * are on disk. When the stream ends, for whatever reason, its leases are given back at once. A worker that ends its
     * side has its settlements answered and then gets End. Ends OK after an End.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; later, in an End, besides: DATA_LOSS,
     * STORAGE_FAILED, SHUTTING_DOWN. What is wrong with one settlement is told in its result.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.playhead.v1.ConsumeRequest> consume(
        io.grpc.stub.StreamObserver<dev.playhead.v1.ConsumeResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getConsumeMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Pull leases messages to a caller without a stream, and waits for some if asked to.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void pull(dev.playhead.v1.PullRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.PullResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPullMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Acknowledge settles deliveries of Pull or Consume. Each settlement has its own result; repeated, it is a CONFLICT,
     * since the lease is gone.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED. What is wrong with one settlement is told in its result: CONFLICT.
     * </pre>
     */
    public void acknowledge(dev.playhead.v1.AcknowledgeRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.AcknowledgeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAcknowledgeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RedriveDeadLetters publishes the messages of a dead-letter topic to where they came from, without the headers that
     * a dead letter has, and removes them from it. What is interrupted can be repeated: nothing is published twice.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; of the target what Publish has:
     * TOPIC_NOT_FOUND, TOPIC_DELETED, CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED;
     * DATA_LOSS among the dead letters; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void redriveDeadLetters(dev.playhead.v1.RedriveDeadLettersRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.RedriveDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRedriveDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SubscriptionService.
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public static final class SubscriptionServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SubscriptionServiceBlockingV2Stub> {
    private SubscriptionServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSubscription makes a subscription of a topic, which must exist. If one of that name exists with the same
     * settings, it answers with that; with others it is refused, and the message names the difference.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND unless it is to be made; TOPIC_DELETED meanwhile;
     * SUBSCRIPTION_EXISTS; LIMIT_EXCEEDED; DATA_LOSS at the place to begin; DISK_FULL, SHUTTING_DOWN,
     * STORAGE_FAILED, and OVERLOADED for a new topic.
     * </pre>
     */
    public dev.playhead.v1.CreateSubscriptionResponse createSubscription(dev.playhead.v1.CreateSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSubscription describes a subscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.GetSubscriptionResponse getSubscription(dev.playhead.v1.GetSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSubscriptions describes subscriptions, by topic and name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; SHUTTING_DOWN, STORAGE_FAILED. If none matches,
     * the page is empty.
     * </pre>
     */
    public dev.playhead.v1.ListSubscriptionsResponse listSubscriptions(dev.playhead.v1.ListSubscriptionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSubscription changes those settings that are set, for deliveries from now on.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.UpdateSubscriptionResponse updateSubscription(dev.playhead.v1.UpdateSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSubscription forgets a subscription; its workers are told and end.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.DeleteSubscriptionResponse deleteSubscription(dev.playhead.v1.DeleteSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SeekSubscription moves a subscription while workers are connected. Leases from before are void: settling them is
     * a CONFLICT. Delivery goes on from the new place, or from a state that SnapshotSubscription has answered.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED; DATA_LOSS at the
     * new place; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.SeekSubscriptionResponse seekSubscription(dev.playhead.v1.SeekSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSeekSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SnapshotSubscription answers with the state of a subscription: what is acknowledged, and how often the rest was
     * delivered. It can be put back by SeekSubscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.SnapshotSubscriptionResponse snapshotSubscription(dev.playhead.v1.SnapshotSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSnapshotSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Consume connects a worker. The first request starts it; later ones add credit and settle deliveries. Deliveries
     * and the results of settlements come back on the same stream, results in the order of settlements and once they
     * are on disk. When the stream ends, for whatever reason, its leases are given back at once. A worker that ends its
     * side has its settlements answered and then gets End. Ends OK after an End.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; later, in an End, besides: DATA_LOSS,
     * STORAGE_FAILED, SHUTTING_DOWN. What is wrong with one settlement is told in its result.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.playhead.v1.ConsumeRequest, dev.playhead.v1.ConsumeResponse>
        consume() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getConsumeMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Pull leases messages to a caller without a stream, and waits for some if asked to.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.PullResponse pull(dev.playhead.v1.PullRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPullMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Acknowledge settles deliveries of Pull or Consume. Each settlement has its own result; repeated, it is a CONFLICT,
     * since the lease is gone.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED. What is wrong with one settlement is told in its result: CONFLICT.
     * </pre>
     */
    public dev.playhead.v1.AcknowledgeResponse acknowledge(dev.playhead.v1.AcknowledgeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAcknowledgeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RedriveDeadLetters publishes the messages of a dead-letter topic to where they came from, without the headers that
     * a dead letter has, and removes them from it. What is interrupted can be repeated: nothing is published twice.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; of the target what Publish has:
     * TOPIC_NOT_FOUND, TOPIC_DELETED, CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED;
     * DATA_LOSS among the dead letters; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.RedriveDeadLettersResponse redriveDeadLetters(dev.playhead.v1.RedriveDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRedriveDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SubscriptionService.
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public static final class SubscriptionServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SubscriptionServiceBlockingStub> {
    private SubscriptionServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSubscription makes a subscription of a topic, which must exist. If one of that name exists with the same
     * settings, it answers with that; with others it is refused, and the message names the difference.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND unless it is to be made; TOPIC_DELETED meanwhile;
     * SUBSCRIPTION_EXISTS; LIMIT_EXCEEDED; DATA_LOSS at the place to begin; DISK_FULL, SHUTTING_DOWN,
     * STORAGE_FAILED, and OVERLOADED for a new topic.
     * </pre>
     */
    public dev.playhead.v1.CreateSubscriptionResponse createSubscription(dev.playhead.v1.CreateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSubscription describes a subscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.GetSubscriptionResponse getSubscription(dev.playhead.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSubscriptions describes subscriptions, by topic and name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; SHUTTING_DOWN, STORAGE_FAILED. If none matches,
     * the page is empty.
     * </pre>
     */
    public dev.playhead.v1.ListSubscriptionsResponse listSubscriptions(dev.playhead.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSubscription changes those settings that are set, for deliveries from now on.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.UpdateSubscriptionResponse updateSubscription(dev.playhead.v1.UpdateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSubscription forgets a subscription; its workers are told and end.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.DeleteSubscriptionResponse deleteSubscription(dev.playhead.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SeekSubscription moves a subscription while workers are connected. Leases from before are void: settling them is
     * a CONFLICT. Delivery goes on from the new place, or from a state that SnapshotSubscription has answered.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED; DATA_LOSS at the
     * new place; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.SeekSubscriptionResponse seekSubscription(dev.playhead.v1.SeekSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSeekSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SnapshotSubscription answers with the state of a subscription: what is acknowledged, and how often the rest was
     * delivered. It can be put back by SeekSubscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.SnapshotSubscriptionResponse snapshotSubscription(dev.playhead.v1.SnapshotSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSnapshotSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Pull leases messages to a caller without a stream, and waits for some if asked to.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.PullResponse pull(dev.playhead.v1.PullRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPullMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Acknowledge settles deliveries of Pull or Consume. Each settlement has its own result; repeated, it is a CONFLICT,
     * since the lease is gone.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED. What is wrong with one settlement is told in its result: CONFLICT.
     * </pre>
     */
    public dev.playhead.v1.AcknowledgeResponse acknowledge(dev.playhead.v1.AcknowledgeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAcknowledgeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RedriveDeadLetters publishes the messages of a dead-letter topic to where they came from, without the headers that
     * a dead letter has, and removes them from it. What is interrupted can be repeated: nothing is published twice.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; of the target what Publish has:
     * TOPIC_NOT_FOUND, TOPIC_DELETED, CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED;
     * DATA_LOSS among the dead letters; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.RedriveDeadLettersResponse redriveDeadLetters(dev.playhead.v1.RedriveDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRedriveDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SubscriptionService.
   * <pre>
   * SubscriptionService lets many workers consume a topic as a queue, beside its rewindable readers.
   * A subscription is durable and belongs to one topic: a cursor, leases, and the number of times that each message was
   * delivered. A delivery is a lease: the message is the worker's until it settles it (acknowledges, gives back or
   * terminates it) or the lease runs out. What is not acknowledged is delivered again, at most max_attempts times in all;
   * then it goes to the dead-letter topic, once. Every delivery is counted on disk before it is sent.
   * </pre>
   */
  public static final class SubscriptionServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SubscriptionServiceFutureStub> {
    private SubscriptionServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubscriptionServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubscriptionServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSubscription makes a subscription of a topic, which must exist. If one of that name exists with the same
     * settings, it answers with that; with others it is refused, and the message names the difference.
     * Errors: INVALID_ARGUMENT; TOPIC_NOT_FOUND unless it is to be made; TOPIC_DELETED meanwhile;
     * SUBSCRIPTION_EXISTS; LIMIT_EXCEEDED; DATA_LOSS at the place to begin; DISK_FULL, SHUTTING_DOWN,
     * STORAGE_FAILED, and OVERLOADED for a new topic.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.CreateSubscriptionResponse> createSubscription(
        dev.playhead.v1.CreateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSubscription describes a subscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.GetSubscriptionResponse> getSubscription(
        dev.playhead.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSubscriptions describes subscriptions, by topic and name, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; SHUTTING_DOWN, STORAGE_FAILED. If none matches,
     * the page is empty.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.ListSubscriptionsResponse> listSubscriptions(
        dev.playhead.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateSubscription changes those settings that are set, for deliveries from now on.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.UpdateSubscriptionResponse> updateSubscription(
        dev.playhead.v1.UpdateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSubscription forgets a subscription; its workers are told and end.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.DeleteSubscriptionResponse> deleteSubscription(
        dev.playhead.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SeekSubscription moves a subscription while workers are connected. Leases from before are void: settling them is
     * a CONFLICT. Delivery goes on from the new place, or from a state that SnapshotSubscription has answered.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED; DATA_LOSS at the
     * new place; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.SeekSubscriptionResponse> seekSubscription(
        dev.playhead.v1.SeekSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSeekSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SnapshotSubscription answers with the state of a subscription: what is acknowledged, and how often the rest was
     * delivered. It can be put back by SeekSubscription.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.SnapshotSubscriptionResponse> snapshotSubscription(
        dev.playhead.v1.SnapshotSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSnapshotSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Pull leases messages to a caller without a stream, and waits for some if asked to.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.PullResponse> pull(
        dev.playhead.v1.PullRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPullMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Acknowledge settles deliveries of Pull or Consume. Each settlement has its own result; repeated, it is a CONFLICT,
     * since the lease is gone.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_DELETED, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED. What is wrong with one settlement is told in its result: CONFLICT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.AcknowledgeResponse> acknowledge(
        dev.playhead.v1.AcknowledgeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAcknowledgeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RedriveDeadLetters publishes the messages of a dead-letter topic to where they came from, without the headers that
     * a dead letter has, and removes them from it. What is interrupted can be repeated: nothing is published twice.
     * Errors: INVALID_ARGUMENT, TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND; of the target what Publish has:
     * TOPIC_NOT_FOUND, TOPIC_DELETED, CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED;
     * DATA_LOSS among the dead letters; DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.RedriveDeadLettersResponse> redriveDeadLetters(
        dev.playhead.v1.RedriveDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRedriveDeadLettersMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SUBSCRIPTION = 0;
  private static final int METHODID_GET_SUBSCRIPTION = 1;
  private static final int METHODID_LIST_SUBSCRIPTIONS = 2;
  private static final int METHODID_UPDATE_SUBSCRIPTION = 3;
  private static final int METHODID_DELETE_SUBSCRIPTION = 4;
  private static final int METHODID_SEEK_SUBSCRIPTION = 5;
  private static final int METHODID_SNAPSHOT_SUBSCRIPTION = 6;
  private static final int METHODID_PULL = 7;
  private static final int METHODID_ACKNOWLEDGE = 8;
  private static final int METHODID_REDRIVE_DEAD_LETTERS = 9;
  private static final int METHODID_CONSUME = 10;

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
        case METHODID_CREATE_SUBSCRIPTION:
          serviceImpl.createSubscription((dev.playhead.v1.CreateSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.CreateSubscriptionResponse>) responseObserver);
          break;
        case METHODID_GET_SUBSCRIPTION:
          serviceImpl.getSubscription((dev.playhead.v1.GetSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.GetSubscriptionResponse>) responseObserver);
          break;
        case METHODID_LIST_SUBSCRIPTIONS:
          serviceImpl.listSubscriptions((dev.playhead.v1.ListSubscriptionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.ListSubscriptionsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SUBSCRIPTION:
          serviceImpl.updateSubscription((dev.playhead.v1.UpdateSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.UpdateSubscriptionResponse>) responseObserver);
          break;
        case METHODID_DELETE_SUBSCRIPTION:
          serviceImpl.deleteSubscription((dev.playhead.v1.DeleteSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.DeleteSubscriptionResponse>) responseObserver);
          break;
        case METHODID_SEEK_SUBSCRIPTION:
          serviceImpl.seekSubscription((dev.playhead.v1.SeekSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.SeekSubscriptionResponse>) responseObserver);
          break;
        case METHODID_SNAPSHOT_SUBSCRIPTION:
          serviceImpl.snapshotSubscription((dev.playhead.v1.SnapshotSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.SnapshotSubscriptionResponse>) responseObserver);
          break;
        case METHODID_PULL:
          serviceImpl.pull((dev.playhead.v1.PullRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.PullResponse>) responseObserver);
          break;
        case METHODID_ACKNOWLEDGE:
          serviceImpl.acknowledge((dev.playhead.v1.AcknowledgeRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.AcknowledgeResponse>) responseObserver);
          break;
        case METHODID_REDRIVE_DEAD_LETTERS:
          serviceImpl.redriveDeadLetters((dev.playhead.v1.RedriveDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.RedriveDeadLettersResponse>) responseObserver);
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
        case METHODID_CONSUME:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.consume(
              (io.grpc.stub.StreamObserver<dev.playhead.v1.ConsumeResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.CreateSubscriptionRequest,
              dev.playhead.v1.CreateSubscriptionResponse>(
                service, METHODID_CREATE_SUBSCRIPTION)))
        .addMethod(
          getGetSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.GetSubscriptionRequest,
              dev.playhead.v1.GetSubscriptionResponse>(
                service, METHODID_GET_SUBSCRIPTION)))
        .addMethod(
          getListSubscriptionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.ListSubscriptionsRequest,
              dev.playhead.v1.ListSubscriptionsResponse>(
                service, METHODID_LIST_SUBSCRIPTIONS)))
        .addMethod(
          getUpdateSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.UpdateSubscriptionRequest,
              dev.playhead.v1.UpdateSubscriptionResponse>(
                service, METHODID_UPDATE_SUBSCRIPTION)))
        .addMethod(
          getDeleteSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.DeleteSubscriptionRequest,
              dev.playhead.v1.DeleteSubscriptionResponse>(
                service, METHODID_DELETE_SUBSCRIPTION)))
        .addMethod(
          getSeekSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.SeekSubscriptionRequest,
              dev.playhead.v1.SeekSubscriptionResponse>(
                service, METHODID_SEEK_SUBSCRIPTION)))
        .addMethod(
          getSnapshotSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.SnapshotSubscriptionRequest,
              dev.playhead.v1.SnapshotSubscriptionResponse>(
                service, METHODID_SNAPSHOT_SUBSCRIPTION)))
        .addMethod(
          getConsumeMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.playhead.v1.ConsumeRequest,
              dev.playhead.v1.ConsumeResponse>(
                service, METHODID_CONSUME)))
        .addMethod(
          getPullMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.PullRequest,
              dev.playhead.v1.PullResponse>(
                service, METHODID_PULL)))
        .addMethod(
          getAcknowledgeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.AcknowledgeRequest,
              dev.playhead.v1.AcknowledgeResponse>(
                service, METHODID_ACKNOWLEDGE)))
        .addMethod(
          getRedriveDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.RedriveDeadLettersRequest,
              dev.playhead.v1.RedriveDeadLettersResponse>(
                service, METHODID_REDRIVE_DEAD_LETTERS)))
        .build();
  }

  private static abstract class SubscriptionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SubscriptionServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.playhead.v1.SubscriptionOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SubscriptionService");
    }
  }

  private static final class SubscriptionServiceFileDescriptorSupplier
      extends SubscriptionServiceBaseDescriptorSupplier {
    SubscriptionServiceFileDescriptorSupplier() {}
  }

  private static final class SubscriptionServiceMethodDescriptorSupplier
      extends SubscriptionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SubscriptionServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SubscriptionServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SubscriptionServiceFileDescriptorSupplier())
              .addMethod(getCreateSubscriptionMethod())
              .addMethod(getGetSubscriptionMethod())
              .addMethod(getListSubscriptionsMethod())
              .addMethod(getUpdateSubscriptionMethod())
              .addMethod(getDeleteSubscriptionMethod())
              .addMethod(getSeekSubscriptionMethod())
              .addMethod(getSnapshotSubscriptionMethod())
              .addMethod(getConsumeMethod())
              .addMethod(getPullMethod())
              .addMethod(getAcknowledgeMethod())
              .addMethod(getRedriveDeadLettersMethod())
              .build();
        }
      }
    }
    return result;
  }
}
