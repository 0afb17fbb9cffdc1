import { fileURLToPath } from 'node:url';
import type { MethodDefinition, PackageDefinition, ServiceDefinition } from '@grpc/proto-loader';
import { fromJSON, loadSync } from '@grpc/proto-loader';
import { keepEveryDigit } from './int64.ts';
import { descriptorSchema, healthSchema, reflectionSchema } from './standard-schemas.ts';

/** An int64 as a decimal number, so that no nanosecond is rounded away. */
export type Int64 = string;

export interface Header {
  readonly name?: string;
  readonly value?: Buffer;
}

export interface Message {
  readonly timestamp_ns?: Int64;
  readonly key?: Buffer;
  readonly value?: Buffer;
  readonly headers?: readonly Header[];
  readonly is_close?: boolean;
}

export interface Close {
  readonly reason?: string;
  readonly checksum?: Buffer;
}

export interface Position {
  readonly edge?: string | number;
  readonly timestamp_ns?: Int64;
  readonly ago_ns?: Int64;
  readonly last_messages?: Int64;
}

export interface PublishRequest {
  readonly topic?: string;
  readonly messages?: readonly Message[];
  readonly producer?: string;
  readonly sequence?: Int64;
  readonly expected_last_timestamp_ns?: Int64;
  readonly close?: Close;
}

export interface ReadRequest {
  readonly topic?: string;
  readonly from?: Position;
  readonly until_timestamp_ns?: Int64;
  readonly max_messages?: number;
  readonly max_bytes?: number;
}

export interface SubscribeRequest {
  readonly topic?: string;
  readonly from?: Position;
  readonly until_timestamp_ns?: Int64;
  readonly until_now?: boolean;
  readonly max_messages?: Int64;
  readonly topic_created_timestamp_ns?: Int64;
}

export interface TopicConfig {
  readonly max_age_ms?: Int64;
  readonly max_bytes?: Int64;
  readonly max_messages?: Int64;
  readonly max_message_bytes?: number;
}

export interface ConfigRequest {
  readonly topic?: string;
  readonly config?: TopicConfig;
}

export interface StoredMessage {
  readonly timestamp_ns: Int64;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: readonly { readonly name: string; readonly value: Buffer }[];
  readonly is_close: boolean;
}

export interface Run {
  readonly topic: string;
  readonly message_count: number;
}

export interface Closed {
  readonly timestamp_ns: Int64;
  readonly message_count: Int64;
  readonly reason: string;
  readonly checksum: Buffer;
  readonly topic: string;
}

export interface Trimmed {
  readonly first_timestamp_ns: Int64;
  readonly topic: string;
}

export interface InBandError {
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PublishAck {
  readonly first_timestamp_ns: Int64;
  readonly last_timestamp_ns: Int64;
  readonly duplicate: boolean;
  readonly closed: Closed | null;
}

export interface PublishResult {
  readonly outcome?: 'ack' | 'error';
  readonly ack?: PublishAck;
  readonly error?: InBandError;
}

export interface ReadResponse {
  readonly messages: readonly StoredMessage[];
  readonly runs: readonly Run[];
  readonly next_timestamp_ns: Int64;
  readonly is_caught_up: boolean;
  readonly trimmed: Trimmed | null;
  readonly closed: Closed | null;
}

export interface Started {
  readonly from_timestamp_ns: Int64;
  readonly until_timestamp_ns: Int64;
  readonly topic_created_timestamp_ns: Int64;
}

export interface SubscribeResponse {
  readonly messages: readonly StoredMessage[];
  readonly runs: readonly Run[];
  readonly event?: 'started' | 'caught_up' | 'trimmed' | 'closed' | 'deleted' | 'end';
  readonly started?: Started;
  readonly caught_up?: { readonly next_timestamp_ns: Int64 };
  readonly trimmed?: Trimmed;
  readonly closed?: Closed;
  readonly deleted?: { readonly topic: string };
  readonly end?: { readonly reason: string; readonly error: InBandError | null };
}

export interface Topic {
  readonly topic: string;
  readonly config: TopicConfig;
  readonly created_timestamp_ns: Int64;
  readonly first_timestamp_ns: Int64;
  readonly last_timestamp_ns: Int64;
  readonly message_count: Int64;
  readonly byte_count: Int64;
  readonly messages_per_second: number;
  readonly bytes_per_second: number;
  readonly closed: Closed | null;
  readonly subscriber_count: number;
}

export interface ServerInfo {
  readonly version: string;
  readonly durability: string;
  readonly max_message_bytes: number;
  readonly max_request_bytes: number;
  readonly clock_ns: Int64;
  readonly last_timestamp_ns: Int64;
}

interface TopicAnswer {
  readonly topic: Topic;
}

export interface CreateScheduleRequest {
  readonly id?: string;
  readonly topic?: string;
  readonly message?: Message;
  readonly deliver_at_timestamp_ns?: Int64;
  readonly delay_ms?: Int64;
  readonly cron?: string;
  readonly time_zone?: string;
}

export interface Schedule {
  readonly id: string;
  readonly topic: string;
  readonly due_timestamp_ns: Int64;
  readonly cron: string;
  readonly time_zone: string;
  readonly run_count: Int64;
  readonly last_run_timestamp_ns: Int64;
  readonly last_error: string;
  readonly byte_count: number;
}

interface ScheduleAnswer {
  readonly schedule: Schedule;
}

/** Request and response of each unary method, and of each streaming one. */
export interface Methods {
  Publish: [PublishRequest, { readonly ack: PublishAck }];
  PublishStream: [PublishRequest, { readonly results: readonly PublishResult[] }];
  Read: [ReadRequest, ReadResponse];
  Subscribe: [SubscribeRequest, SubscribeResponse];
  GetProducer: [
    { readonly topic?: string; readonly producer?: string },
    { readonly last_sequence: Int64; readonly last_timestamp_ns: Int64 },
  ];
  GetServerInfo: [object, ServerInfo];
  CreateTopic: [ConfigRequest, TopicAnswer];
  GetTopic: [{ readonly topic?: string }, TopicAnswer];
  ListTopics: [
    { readonly glob?: string; readonly page_size?: number; readonly page_token?: string },
    { readonly topics: readonly Topic[]; readonly next_page_token: string },
  ];
  UpdateTopic: [ConfigRequest, TopicAnswer];
  TrimTopic: [{ readonly topic?: string; readonly before_timestamp_ns?: Int64 }, TopicAnswer];
  CloseTopic: [{ readonly topic?: string; readonly close?: Close }, { readonly closed: Closed }];
  DeleteTopic: [{ readonly topic?: string }, object];
  CreateSchedule: [CreateScheduleRequest, ScheduleAnswer];
  GetSchedule: [{ readonly id?: string }, ScheduleAnswer];
  ListSchedules: [
    { readonly glob?: string; readonly page_size?: number; readonly page_token?: string },
    { readonly schedules: readonly Schedule[]; readonly next_page_token: string },
  ];
  RunSchedule: [{ readonly id?: string }, { readonly timestamp_ns: Int64 }];
  CancelSchedule: [{ readonly id?: string }, object];
  Check: [{ readonly service?: string }, { readonly status: string }];
  Watch: [{ readonly service?: string }, { readonly status: string }];
  ServerReflectionInfo: [
    { readonly list_services?: string; readonly file_containing_symbol?: string },
    ReflectionResponse,
  ];
}

export interface ReflectionResponse {
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_code: number };
}

/** A described message, as far as the tests look into one. */
export interface DescriptorProto {
  readonly name: string;
  readonly nested_type: readonly DescriptorProto[];
  readonly options: { readonly map_entry: boolean } | null;
}

/** The methods that answer once. */
export type UnaryMethod = Exclude<
  keyof Methods,
  'PublishStream' | 'Subscribe' | 'Watch' | 'ServerReflectionInfo'
>;

const options = {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
};

keepEveryDigit();

const playhead = loadSync(
  ['playhead/v1/broker.proto', 'playhead/v1/topic.proto', 'playhead/v1/schedule.proto'],
  options,
);
const details = loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], options);

const descriptors = fromJSON(descriptorSchema, options);

const services: readonly ServiceDefinition[] = [
  serviceOf(playhead, 'playhead.v1.BrokerService'),
  serviceOf(playhead, 'playhead.v1.TopicService'),
  serviceOf(playhead, 'playhead.v1.ScheduleService'),
  serviceOf(fromJSON(healthSchema, options), 'grpc.health.v1.Health'),
  serviceOf(fromJSON(reflectionSchema, options), 'grpc.reflection.v1.ServerReflection'),
];

/** Path and codecs of a method. */
export function methodOf(name: keyof Methods): MethodDefinition<object, object> {
  for (const service of services) {
    const method = service[name];
    if (method !== undefined) return method;
  }
  throw new TypeError(`no .proto file has a method ${name}`);
}

/** The names of the methods that the .proto files have. */
export function contractMethods(): string[] {
  return services.slice(0, 3).flatMap((service) => Object.keys(service));
}

/** A message type of playhead.v1, google.rpc or google.protobuf, to decode bytes with. */
export function decode(type: string, bytes: Buffer): object {
  const definition = playhead[type] ?? details[type] ?? descriptors[type];
  if (definition === undefined || !('deserialize' in definition))
    throw new TypeError(`no .proto file has a message ${type}`);
  const { deserialize } = definition;
  if (typeof deserialize !== 'function') throw new TypeError(`${type} is no message`);
  return deserialize(bytes);
}

/** The messages that a described file has at its top. */
export function describedMessages(file: Buffer): readonly DescriptorProto[] {
  const { message_type } = decode('google.protobuf.FileDescriptorProto', file) as {
    message_type: readonly DescriptorProto[];
  };
  return message_type;
}

function serviceOf(definition: PackageDefinition, name: string): ServiceDefinition {
  const service = definition[name];
  if (service === undefined || 'format' in service)
    throw new TypeError(`no .proto file has a service ${name}`);
  return service;
}
