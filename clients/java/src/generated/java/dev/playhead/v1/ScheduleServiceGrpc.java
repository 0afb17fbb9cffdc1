package dev.playhead.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * ScheduleService publishes messages later: once at a time, or again and again.
 * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
 * once. The message is published and the schedule moved on in one commit: neither happens without the other.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ScheduleServiceGrpc {

  private ScheduleServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "playhead.v1.ScheduleService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.CreateScheduleRequest,
      dev.playhead.v1.CreateScheduleResponse> getCreateScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSchedule",
      requestType = dev.playhead.v1.CreateScheduleRequest.class,
      responseType = dev.playhead.v1.CreateScheduleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.CreateScheduleRequest,
      dev.playhead.v1.CreateScheduleResponse> getCreateScheduleMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.CreateScheduleRequest, dev.playhead.v1.CreateScheduleResponse> getCreateScheduleMethod;
    if ((getCreateScheduleMethod = ScheduleServiceGrpc.getCreateScheduleMethod) == null) {
      synchronized (ScheduleServiceGrpc.class) {
        if ((getCreateScheduleMethod = ScheduleServiceGrpc.getCreateScheduleMethod) == null) {
          ScheduleServiceGrpc.getCreateScheduleMethod = getCreateScheduleMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.CreateScheduleRequest, dev.playhead.v1.CreateScheduleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CreateScheduleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ScheduleServiceMethodDescriptorSupplier("CreateSchedule"))
              .build();
        }
      }
    }
    return getCreateScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.GetScheduleRequest,
      dev.playhead.v1.GetScheduleResponse> getGetScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSchedule",
      requestType = dev.playhead.v1.GetScheduleRequest.class,
      responseType = dev.playhead.v1.GetScheduleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.GetScheduleRequest,
      dev.playhead.v1.GetScheduleResponse> getGetScheduleMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.GetScheduleRequest, dev.playhead.v1.GetScheduleResponse> getGetScheduleMethod;
    if ((getGetScheduleMethod = ScheduleServiceGrpc.getGetScheduleMethod) == null) {
      synchronized (ScheduleServiceGrpc.class) {
        if ((getGetScheduleMethod = ScheduleServiceGrpc.getGetScheduleMethod) == null) {
          ScheduleServiceGrpc.getGetScheduleMethod = getGetScheduleMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.GetScheduleRequest, dev.playhead.v1.GetScheduleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.GetScheduleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ScheduleServiceMethodDescriptorSupplier("GetSchedule"))
              .build();
        }
      }
    }
    return getGetScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.ListSchedulesRequest,
      dev.playhead.v1.ListSchedulesResponse> getListSchedulesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSchedules",
      requestType = dev.playhead.v1.ListSchedulesRequest.class,
      responseType = dev.playhead.v1.ListSchedulesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.ListSchedulesRequest,
      dev.playhead.v1.ListSchedulesResponse> getListSchedulesMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.ListSchedulesRequest, dev.playhead.v1.ListSchedulesResponse> getListSchedulesMethod;
    if ((getListSchedulesMethod = ScheduleServiceGrpc.getListSchedulesMethod) == null) {
      synchronized (ScheduleServiceGrpc.class) {
        if ((getListSchedulesMethod = ScheduleServiceGrpc.getListSchedulesMethod) == null) {
          ScheduleServiceGrpc.getListSchedulesMethod = getListSchedulesMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.ListSchedulesRequest, dev.playhead.v1.ListSchedulesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSchedules"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListSchedulesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.ListSchedulesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ScheduleServiceMethodDescriptorSupplier("ListSchedules"))
              .build();
        }
      }
    }
    return getListSchedulesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.RunScheduleRequest,
      dev.playhead.v1.RunScheduleResponse> getRunScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RunSchedule",
      requestType = dev.playhead.v1.RunScheduleRequest.class,
      responseType = dev.playhead.v1.RunScheduleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.RunScheduleRequest,
      dev.playhead.v1.RunScheduleResponse> getRunScheduleMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.RunScheduleRequest, dev.playhead.v1.RunScheduleResponse> getRunScheduleMethod;
    if ((getRunScheduleMethod = ScheduleServiceGrpc.getRunScheduleMethod) == null) {
      synchronized (ScheduleServiceGrpc.class) {
        if ((getRunScheduleMethod = ScheduleServiceGrpc.getRunScheduleMethod) == null) {
          ScheduleServiceGrpc.getRunScheduleMethod = getRunScheduleMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.RunScheduleRequest, dev.playhead.v1.RunScheduleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RunSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.RunScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.RunScheduleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ScheduleServiceMethodDescriptorSupplier("RunSchedule"))
              .build();
        }
      }
    }
    return getRunScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.playhead.v1.CancelScheduleRequest,
      dev.playhead.v1.CancelScheduleResponse> getCancelScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelSchedule",
      requestType = dev.playhead.v1.CancelScheduleRequest.class,
      responseType = dev.playhead.v1.CancelScheduleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.playhead.v1.CancelScheduleRequest,
      dev.playhead.v1.CancelScheduleResponse> getCancelScheduleMethod() {
    io.grpc.MethodDescriptor<dev.playhead.v1.CancelScheduleRequest, dev.playhead.v1.CancelScheduleResponse> getCancelScheduleMethod;
    if ((getCancelScheduleMethod = ScheduleServiceGrpc.getCancelScheduleMethod) == null) {
      synchronized (ScheduleServiceGrpc.class) {
        if ((getCancelScheduleMethod = ScheduleServiceGrpc.getCancelScheduleMethod) == null) {
          ScheduleServiceGrpc.getCancelScheduleMethod = getCancelScheduleMethod =
              io.grpc.MethodDescriptor.<dev.playhead.v1.CancelScheduleRequest, dev.playhead.v1.CancelScheduleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CancelScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.playhead.v1.CancelScheduleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ScheduleServiceMethodDescriptorSupplier("CancelSchedule"))
              .build();
        }
      }
    }
    return getCancelScheduleMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ScheduleServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceStub>() {
        @java.lang.Override
        public ScheduleServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ScheduleServiceStub(channel, callOptions);
        }
      };
    return ScheduleServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ScheduleServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceBlockingV2Stub>() {
        @java.lang.Override
        public ScheduleServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ScheduleServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ScheduleServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ScheduleServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceBlockingStub>() {
        @java.lang.Override
        public ScheduleServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ScheduleServiceBlockingStub(channel, callOptions);
        }
      };
    return ScheduleServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ScheduleServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ScheduleServiceFutureStub>() {
        @java.lang.Override
        public ScheduleServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ScheduleServiceFutureStub(channel, callOptions);
        }
      };
    return ScheduleServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateSchedule takes a message that is to be published later. The same id for the same answers as the first time; for
     * something else it is refused. Whether the topic takes the message is seen when that is due.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, SCHEDULE_EXISTS, LIMIT_EXCEEDED, OVERLOADED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void createSchedule(dev.playhead.v1.CreateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateScheduleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSchedule describes a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED.
     * </pre>
     */
    default void getSchedule(dev.playhead.v1.GetScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetScheduleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSchedules describes schedules, by id, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED. If none matches, the page is empty.
     * </pre>
     */
    default void listSchedules(dev.playhead.v1.ListSchedulesRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListSchedulesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSchedulesMethod(), responseObserver);
    }

    /**
     * <pre>
     * RunSchedule publishes the message now. One that was to run once is done with that; another one goes on.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND; of the topic what Publish has: TOPIC_NOT_FOUND, TOPIC_DELETED,
     * CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED; DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void runSchedule(dev.playhead.v1.RunScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.RunScheduleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRunScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * CancelSchedule ends a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    default void cancelSchedule(dev.playhead.v1.CancelScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CancelScheduleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelScheduleMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ScheduleService.
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public static abstract class ScheduleServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ScheduleServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ScheduleService.
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public static final class ScheduleServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ScheduleServiceStub> {
    private ScheduleServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ScheduleServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ScheduleServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSchedule takes a message that is to be published later. The same id for the same answers as the first time; for
     * something else it is refused. Whether the topic takes the message is seen when that is due.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, SCHEDULE_EXISTS, LIMIT_EXCEEDED, OVERLOADED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void createSchedule(dev.playhead.v1.CreateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CreateScheduleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSchedule describes a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED.
     * </pre>
     */
    public void getSchedule(dev.playhead.v1.GetScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.GetScheduleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSchedules describes schedules, by id, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED. If none matches, the page is empty.
     * </pre>
     */
    public void listSchedules(dev.playhead.v1.ListSchedulesRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.ListSchedulesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSchedulesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RunSchedule publishes the message now. One that was to run once is done with that; another one goes on.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND; of the topic what Publish has: TOPIC_NOT_FOUND, TOPIC_DELETED,
     * CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED; DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void runSchedule(dev.playhead.v1.RunScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.RunScheduleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRunScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CancelSchedule ends a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public void cancelSchedule(dev.playhead.v1.CancelScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.playhead.v1.CancelScheduleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelScheduleMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ScheduleService.
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public static final class ScheduleServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ScheduleServiceBlockingV2Stub> {
    private ScheduleServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ScheduleServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ScheduleServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSchedule takes a message that is to be published later. The same id for the same answers as the first time; for
     * something else it is refused. Whether the topic takes the message is seen when that is due.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, SCHEDULE_EXISTS, LIMIT_EXCEEDED, OVERLOADED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CreateScheduleResponse createSchedule(dev.playhead.v1.CreateScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSchedule describes a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.GetScheduleResponse getSchedule(dev.playhead.v1.GetScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSchedules describes schedules, by id, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED. If none matches, the page is empty.
     * </pre>
     */
    public dev.playhead.v1.ListSchedulesResponse listSchedules(dev.playhead.v1.ListSchedulesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSchedulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RunSchedule publishes the message now. One that was to run once is done with that; another one goes on.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND; of the topic what Publish has: TOPIC_NOT_FOUND, TOPIC_DELETED,
     * CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED; DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.RunScheduleResponse runSchedule(dev.playhead.v1.RunScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRunScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CancelSchedule ends a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CancelScheduleResponse cancelSchedule(dev.playhead.v1.CancelScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelScheduleMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ScheduleService.
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public static final class ScheduleServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ScheduleServiceBlockingStub> {
    private ScheduleServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ScheduleServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ScheduleServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSchedule takes a message that is to be published later. The same id for the same answers as the first time; for
     * something else it is refused. Whether the topic takes the message is seen when that is due.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, SCHEDULE_EXISTS, LIMIT_EXCEEDED, OVERLOADED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CreateScheduleResponse createSchedule(dev.playhead.v1.CreateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSchedule describes a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.GetScheduleResponse getSchedule(dev.playhead.v1.GetScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSchedules describes schedules, by id, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED. If none matches, the page is empty.
     * </pre>
     */
    public dev.playhead.v1.ListSchedulesResponse listSchedules(dev.playhead.v1.ListSchedulesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSchedulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RunSchedule publishes the message now. One that was to run once is done with that; another one goes on.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND; of the topic what Publish has: TOPIC_NOT_FOUND, TOPIC_DELETED,
     * CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED; DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.RunScheduleResponse runSchedule(dev.playhead.v1.RunScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRunScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CancelSchedule ends a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public dev.playhead.v1.CancelScheduleResponse cancelSchedule(dev.playhead.v1.CancelScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelScheduleMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ScheduleService.
   * <pre>
   * ScheduleService publishes messages later: once at a time, or again and again.
   * A schedule is kept as the time at which it is due. A run that was missed, because the broker was down, is made up for
   * once. The message is published and the schedule moved on in one commit: neither happens without the other.
   * </pre>
   */
  public static final class ScheduleServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ScheduleServiceFutureStub> {
    private ScheduleServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ScheduleServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ScheduleServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSchedule takes a message that is to be published later. The same id for the same answers as the first time; for
     * something else it is refused. Whether the topic takes the message is seen when that is due.
     * Errors: INVALID_ARGUMENT, MESSAGE_TOO_LARGE, SCHEDULE_EXISTS, LIMIT_EXCEEDED, OVERLOADED, DATA_LOSS,
     * DISK_FULL, SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.CreateScheduleResponse> createSchedule(
        dev.playhead.v1.CreateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSchedule describes a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.GetScheduleResponse> getSchedule(
        dev.playhead.v1.GetScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSchedules describes schedules, by id, in pages.
     * Errors: INVALID_ARGUMENT for a glob, a size or a page token that is none; DATA_LOSS, SHUTTING_DOWN,
     * STORAGE_FAILED. If none matches, the page is empty.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.ListSchedulesResponse> listSchedules(
        dev.playhead.v1.ListSchedulesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSchedulesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RunSchedule publishes the message now. One that was to run once is done with that; another one goes on.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND; of the topic what Publish has: TOPIC_NOT_FOUND, TOPIC_DELETED,
     * CHANNEL_CLOSED, MESSAGE_TOO_LARGE, BACKLOG_FULL, LIMIT_EXCEEDED, OVERLOADED; DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.RunScheduleResponse> runSchedule(
        dev.playhead.v1.RunScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRunScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CancelSchedule ends a schedule.
     * Errors: INVALID_ARGUMENT, SCHEDULE_NOT_FOUND if there is none or none any more, DATA_LOSS, DISK_FULL,
     * SHUTTING_DOWN, STORAGE_FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.playhead.v1.CancelScheduleResponse> cancelSchedule(
        dev.playhead.v1.CancelScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelScheduleMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SCHEDULE = 0;
  private static final int METHODID_GET_SCHEDULE = 1;
  private static final int METHODID_LIST_SCHEDULES = 2;
  private static final int METHODID_RUN_SCHEDULE = 3;
  private static final int METHODID_CANCEL_SCHEDULE = 4;

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
        case METHODID_CREATE_SCHEDULE:
          serviceImpl.createSchedule((dev.playhead.v1.CreateScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.CreateScheduleResponse>) responseObserver);
          break;
        case METHODID_GET_SCHEDULE:
          serviceImpl.getSchedule((dev.playhead.v1.GetScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.GetScheduleResponse>) responseObserver);
          break;
        case METHODID_LIST_SCHEDULES:
          serviceImpl.listSchedules((dev.playhead.v1.ListSchedulesRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.ListSchedulesResponse>) responseObserver);
          break;
        case METHODID_RUN_SCHEDULE:
          serviceImpl.runSchedule((dev.playhead.v1.RunScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.RunScheduleResponse>) responseObserver);
          break;
        case METHODID_CANCEL_SCHEDULE:
          serviceImpl.cancelSchedule((dev.playhead.v1.CancelScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.playhead.v1.CancelScheduleResponse>) responseObserver);
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
          getCreateScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.CreateScheduleRequest,
              dev.playhead.v1.CreateScheduleResponse>(
                service, METHODID_CREATE_SCHEDULE)))
        .addMethod(
          getGetScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.GetScheduleRequest,
              dev.playhead.v1.GetScheduleResponse>(
                service, METHODID_GET_SCHEDULE)))
        .addMethod(
          getListSchedulesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.ListSchedulesRequest,
              dev.playhead.v1.ListSchedulesResponse>(
                service, METHODID_LIST_SCHEDULES)))
        .addMethod(
          getRunScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.RunScheduleRequest,
              dev.playhead.v1.RunScheduleResponse>(
                service, METHODID_RUN_SCHEDULE)))
        .addMethod(
          getCancelScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.playhead.v1.CancelScheduleRequest,
              dev.playhead.v1.CancelScheduleResponse>(
                service, METHODID_CANCEL_SCHEDULE)))
        .build();
  }

  private static abstract class ScheduleServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ScheduleServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.playhead.v1.ScheduleOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ScheduleService");
    }
  }

  private static final class ScheduleServiceFileDescriptorSupplier
      extends ScheduleServiceBaseDescriptorSupplier {
    ScheduleServiceFileDescriptorSupplier() {}
  }

  private static final class ScheduleServiceMethodDescriptorSupplier
      extends ScheduleServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ScheduleServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ScheduleServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ScheduleServiceFileDescriptorSupplier())
              .addMethod(getCreateScheduleMethod())
              .addMethod(getGetScheduleMethod())
              .addMethod(getListSchedulesMethod())
              .addMethod(getRunScheduleMethod())
              .addMethod(getCancelScheduleMethod())
              .build();
        }
      }
    }
    return result;
  }
}
