import { isUtf8 } from 'node:buffer';
import {
  CancelScheduleRequest,
  CloseTopicRequest,
  CreateScheduleRequest,
  CreateTopicRequest,
  DeleteTopicRequest,
  GetProducerRequest,
  GetScheduleRequest,
  GetServerInfoRequest,
  GetTopicRequest,
  ListSchedulesRequest,
  ListTopicsRequest,
  ReadRequest,
  RunScheduleRequest,
  SubscribeRequest,
  TrimTopicRequest,
  UpdateTopicRequest,
} from 'playhead-proto';
import { malformed, WIRE, WireReader } from '../log/wire-reader.ts';

/**
 * What a message holds, by the numbers of its fields: a wire type, a text, numbers that may be packed, or a message again.
 */
export interface Fields {
  readonly [number: number]: number | 'text' | 'numbers' | Fields;
}

export const POSITION: Fields = { 1: WIRE.varint, 2: WIRE.varint, 3: WIRE.varint, 4: WIRE.varint };
const TOPIC_CONFIG: Fields = {
  1: WIRE.varint,
  2: WIRE.varint,
  3: WIRE.varint,
  4: WIRE.varint,
  5: WIRE.varint,
};
const CLOSE: Fields = { 1: 'text', 2: WIRE.bytes };
const TOPIC: Fields = { 1: 'text' };
const HEADER: Fields = { 1: 'text', 2: WIRE.bytes };
const MESSAGE: Fields = {
  1: WIRE.varint,
  2: WIRE.bytes,
  3: WIRE.bytes,
  4: HEADER,
  5: WIRE.varint,
};
const SCHEDULE: Fields = { 1: 'text' };

/** The requests that ts-proto decodes, by name. A test holds this to the .proto files. */
export const REQUEST_FIELDS = {
  ReadRequest: { ...TOPIC, 2: POSITION, 3: WIRE.varint, 4: WIRE.varint, 5: WIRE.varint },
  SubscribeRequest: {
    ...TOPIC,
    2: POSITION,
    3: WIRE.varint,
    4: WIRE.varint,
    5: WIRE.varint,
    6: WIRE.varint,
  },
  GetProducerRequest: { ...TOPIC, 2: 'text' },
  GetServerInfoRequest: {},
  CreateTopicRequest: { ...TOPIC, 2: TOPIC_CONFIG },
  GetTopicRequest: TOPIC,
  ListTopicsRequest: { 1: 'text', 2: WIRE.varint, 3: 'text' },
  UpdateTopicRequest: { ...TOPIC, 2: TOPIC_CONFIG },
  TrimTopicRequest: { ...TOPIC, 2: WIRE.varint },
  CloseTopicRequest: { ...TOPIC, 2: CLOSE },
  DeleteTopicRequest: TOPIC,
  CreateScheduleRequest: {
    1: 'text',
    2: 'text',
    3: MESSAGE,
    4: WIRE.varint,
    5: WIRE.varint,
    6: 'text',
    7: 'text',
  },
  GetScheduleRequest: SCHEDULE,
  ListSchedulesRequest: { 1: 'text', 2: WIRE.varint, 3: 'text' },
  RunScheduleRequest: SCHEDULE,
  CancelScheduleRequest: SCHEDULE,
} as const satisfies Record<string, Fields>;

/** The bytes of a request as they came. What is wrong with them is found where it can be answered. */
export const asBytes = (bytes: Buffer): Buffer => bytes;

/**
 * Decodes requests. ts-proto passes over a field of the wrong wire type and over what follows a group, and would
 * leave a request that means something else: each throws MALFORMED instead.
 */
export const decodeRequest = {
  read: strict(REQUEST_FIELDS.ReadRequest, (bytes) => ReadRequest.decode(bytes)),
  subscribe: strict(REQUEST_FIELDS.SubscribeRequest, (bytes) => SubscribeRequest.decode(bytes)),
  getProducer: strict(REQUEST_FIELDS.GetProducerRequest, (bytes) =>
    GetProducerRequest.decode(bytes),
  ),
  getServerInfo: strict(REQUEST_FIELDS.GetServerInfoRequest, (bytes) =>
    GetServerInfoRequest.decode(bytes),
  ),
  createTopic: strict(REQUEST_FIELDS.CreateTopicRequest, (bytes) =>
    CreateTopicRequest.decode(bytes),
  ),
  getTopic: strict(REQUEST_FIELDS.GetTopicRequest, (bytes) => GetTopicRequest.decode(bytes)),
  listTopics: strict(REQUEST_FIELDS.ListTopicsRequest, (bytes) => ListTopicsRequest.decode(bytes)),
  updateTopic: strict(REQUEST_FIELDS.UpdateTopicRequest, (bytes) =>
    UpdateTopicRequest.decode(bytes),
  ),
  trimTopic: strict(REQUEST_FIELDS.TrimTopicRequest, (bytes) => TrimTopicRequest.decode(bytes)),
  closeTopic: strict(REQUEST_FIELDS.CloseTopicRequest, (bytes) => CloseTopicRequest.decode(bytes)),
  deleteTopic: strict(REQUEST_FIELDS.DeleteTopicRequest, (bytes) =>
    DeleteTopicRequest.decode(bytes),
  ),
  createSchedule: strict(REQUEST_FIELDS.CreateScheduleRequest, (bytes) =>
    CreateScheduleRequest.decode(bytes),
  ),
  getSchedule: strict(REQUEST_FIELDS.GetScheduleRequest, (bytes) =>
    GetScheduleRequest.decode(bytes),
  ),
  listSchedules: strict(REQUEST_FIELDS.ListSchedulesRequest, (bytes) =>
    ListSchedulesRequest.decode(bytes),
  ),
  runSchedule: strict(REQUEST_FIELDS.RunScheduleRequest, (bytes) =>
    RunScheduleRequest.decode(bytes),
  ),
  cancelSchedule: strict(REQUEST_FIELDS.CancelScheduleRequest, (bytes) =>
    CancelScheduleRequest.decode(bytes),
  ),
};

/** Decodes a request whose fields are these. */
export function strict<T>(fields: Fields, decode: (bytes: Uint8Array) => T): (bytes: Buffer) => T {
  return (bytes) => {
    checkFields(new WireReader(bytes), fields);
    return decode(bytes);
  };
}

function checkFields(reader: WireReader, fields: Fields): void {
  while (reader.at < reader.end) {
    const { field, wireType } = reader.field((number) => wireTypeOf(fields[number]));
    const kind = fields[field];
    if (kind === 'numbers') {
      checkNumbers(reader, field, wireType);
      continue;
    }
    if (typeof kind !== 'object' && kind !== 'text') {
      reader.skip(wireType);
      continue;
    }
    const end = reader.delimited();
    if (typeof kind === 'object') {
      checkFields(new WireReader(reader.buffer, reader.at, end), kind);
    } else if (!isUtf8(reader.buffer.subarray(reader.at, end))) {
      throw malformed(`the text in field ${field} is not UTF-8`, reader.at);
    }
    reader.at = end;
  }
}

/** Passes over repeated numbers: one, or several that are packed. */
function checkNumbers(reader: WireReader, field: number, wireType: number): void {
  if (wireType === WIRE.varint) return reader.skip(wireType);
  if (wireType !== WIRE.bytes) {
    throw malformed(`field ${field} has wire type ${wireType}, which no number has`, reader.at);
  }
  const end = reader.delimited();
  const numbers = new WireReader(reader.buffer, reader.at, end);
  while (numbers.at < end) numbers.skip(WIRE.varint);
  reader.at = end;
}

function wireTypeOf(kind: Fields[number] | undefined): number | undefined {
  if (kind === 'numbers') return undefined;
  return kind === undefined || typeof kind === 'number' ? kind : WIRE.bytes;
}
