/** grpc.health.v1, as https://github.com/grpc/grpc/blob/master/doc/health-checking.md has it. */
export const healthSchema = schema('grpc.health.v1', {
  HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
  HealthCheckResponse: {
    fields: { status: { type: 'ServingStatus', id: 1 } },
    nested: {
      ServingStatus: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
    },
  },
  Health: {
    methods: {
      Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' },
      Watch: {
        requestType: 'HealthCheckRequest',
        responseType: 'HealthCheckResponse',
        responseStream: true,
      },
    },
  },
});

/** grpc.reflection.v1, as far as the tests use it. */
export const reflectionSchema = schema('grpc.reflection.v1', {
  ServerReflectionRequest: {
    oneofs: { message_request: { oneof: ['file_containing_symbol', 'list_services'] } },
    fields: {
      host: { type: 'string', id: 1 },
      file_containing_symbol: { type: 'string', id: 4 },
      list_services: { type: 'string', id: 7 },
    },
  },
  FileDescriptorResponse: {
    fields: { file_descriptor_proto: { rule: 'repeated', type: 'bytes', id: 1 } },
  },
  ServiceResponse: { fields: { name: { type: 'string', id: 1 } } },
  ListServiceResponse: {
    fields: { service: { rule: 'repeated', type: 'ServiceResponse', id: 1 } },
  },
  ErrorResponse: { fields: { error_code: { type: 'int32', id: 1 } } },
  ServerReflectionResponse: {
    oneofs: {
      message_response: {
        oneof: ['file_descriptor_response', 'list_services_response', 'error_response'],
      },
    },
    fields: {
      file_descriptor_response: { type: 'FileDescriptorResponse', id: 4 },
      list_services_response: { type: 'ListServiceResponse', id: 6 },
      error_response: { type: 'ErrorResponse', id: 7 },
    },
  },
  ServerReflection: {
    methods: {
      ServerReflectionInfo: {
        requestType: 'ServerReflectionRequest',
        requestStream: true,
        responseType: 'ServerReflectionResponse',
        responseStream: true,
      },
    },
  },
});

/** google.protobuf, as far as the tests look into a described file. */
export const descriptorSchema = schema('google.protobuf', {
  FileDescriptorProto: {
    fields: { message_type: { rule: 'repeated', type: 'DescriptorProto', id: 4 } },
  },
  DescriptorProto: {
    fields: {
      name: { type: 'string', id: 1 },
      nested_type: { rule: 'repeated', type: 'DescriptorProto', id: 3 },
      options: { type: 'MessageOptions', id: 7 },
    },
  },
  MessageOptions: { fields: { map_entry: { type: 'bool', id: 7 } } },
});

/** Types within their package, as a JSON descriptor. */
function schema(name: string, types: object): object {
  return name
    .split('.')
    .reduceRight<object>((inner, part) => ({ nested: { [part]: inner } }), { nested: types });
}
