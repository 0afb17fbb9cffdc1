import {
  AcknowledgeRequest,
  ConsumeRequest,
  CreateSubscriptionRequest,
  DeleteSubscriptionRequest,
  GetSubscriptionRequest,
  ListSubscriptionsRequest,
  PullRequest,
  RedriveDeadLettersRequest,
  SeekSubscriptionRequest,
  SnapshotSubscriptionRequest,
  UpdateSubscriptionRequest,
} from 'playhead-proto';
import { invalidArgument } from '../errors.ts';
import { ACKNOWLEDGE_SETTLEMENTS_MAX, CONSUME_SETTLEMENTS_MAX } from '../limits.ts';
import { WIRE, WireReader } from '../log/wire-reader.ts';
import type { Fields } from './request-codec.ts';
import { POSITION, strict } from './request-codec.ts';

const NAMES: Fields = { 1: 'text', 2: 'text' };
const BACKOFF: Fields = { 1: 'numbers', 2: WIRE.varint, 3: WIRE.varint, 4: WIRE.fixed64 };
const CONFIG: Fields = {
  1: WIRE.varint,
  2: WIRE.varint,
  3: WIRE.varint,
  4: WIRE.varint,
  5: BACKOFF,
  6: WIRE.varint,
  7: 'text',
  8: WIRE.varint,
  9: WIRE.varint,
};
const SETTLEMENT: Fields = {
  1: WIRE.varint,
  2: WIRE.varint,
  3: WIRE.varint,
  4: { 1: WIRE.varint },
  5: { 1: WIRE.varint, 2: WIRE.varint },
  6: { 1: WIRE.varint },
  7: { 1: 'text' },
};

/** The requests of SubscriptionService, by name. A test holds this to the .proto files. */
export const SUBSCRIPTION_REQUEST_FIELDS = {
  CreateSubscriptionRequest: { ...NAMES, 3: POSITION, 4: CONFIG, 5: WIRE.varint },
  GetSubscriptionRequest: NAMES,
  ListSubscriptionsRequest: { 1: 'text', 2: WIRE.varint, 3: 'text' },
  UpdateSubscriptionRequest: { ...NAMES, 3: CONFIG },
  DeleteSubscriptionRequest: NAMES,
  SeekSubscriptionRequest: { ...NAMES, 3: POSITION, 4: WIRE.bytes },
  SnapshotSubscriptionRequest: NAMES,
  ConsumeRequest: {
    1: { ...NAMES, 3: 'text' },
    2: WIRE.varint,
    3: WIRE.varint,
    4: SETTLEMENT,
    5: WIRE.varint,
  },
  PullRequest: { ...NAMES, 3: WIRE.varint, 4: WIRE.varint, 5: WIRE.varint, 6: WIRE.varint },
  AcknowledgeRequest: { ...NAMES, 3: SETTLEMENT },
  RedriveDeadLettersRequest: { ...NAMES, 3: 'text', 4: WIRE.varint },
} as const satisfies Record<string, Fields>;

const FIELDS = SUBSCRIPTION_REQUEST_FIELDS;

/** As decodeRequest, for SubscriptionService. */
export const decodeSubscriptionRequest = {
  create: strict(FIELDS.CreateSubscriptionRequest, (b) => CreateSubscriptionRequest.decode(b)),
  get: strict(FIELDS.GetSubscriptionRequest, (b) => GetSubscriptionRequest.decode(b)),
  list: strict(FIELDS.ListSubscriptionsRequest, (b) => ListSubscriptionsRequest.decode(b)),
  update: strict(FIELDS.UpdateSubscriptionRequest, (b) => UpdateSubscriptionRequest.decode(b)),
  delete: strict(FIELDS.DeleteSubscriptionRequest, (b) => DeleteSubscriptionRequest.decode(b)),
  seek: strict(FIELDS.SeekSubscriptionRequest, (b) => SeekSubscriptionRequest.decode(b)),
  snapshot: strict(FIELDS.SnapshotSubscriptionRequest, (b) =>
    SnapshotSubscriptionRequest.decode(b),
  ),
  consume: atMost(
    { settlements: CONSUME_SETTLEMENTS_MAX, field: 4 },
    strict(FIELDS.ConsumeRequest, (b) => ConsumeRequest.decode(b)),
  ),
  pull: strict(FIELDS.PullRequest, (b) => PullRequest.decode(b)),
  acknowledge: atMost(
    { settlements: ACKNOWLEDGE_SETTLEMENTS_MAX, field: 3 },
    strict(FIELDS.AcknowledgeRequest, (b) => AcknowledgeRequest.decode(b)),
  ),
  redrive: strict(FIELDS.RedriveDeadLettersRequest, (b) => RedriveDeadLettersRequest.decode(b)),
};

/** Refuses a request with more settlements before they are decoded: a request of empty ones would take a gigabyte. */
function atMost<T>(
  { settlements, field }: { readonly settlements: number; readonly field: number },
  decode: (bytes: Buffer) => T,
): (bytes: Buffer) => T {
  return (bytes) => {
    // Each takes two bytes or more.
    const count = bytes.length > 2 * settlements ? countOf(field, bytes) : 0;
    if (count <= settlements) return decode(bytes);
    throw invalidArgument('settlements', `${count} are more than ${settlements}`);
  };
}

function countOf(wanted: number, bytes: Buffer): number {
  const reader = new WireReader(bytes);
  let count = 0;
  while (reader.at < reader.end) {
    const { field, wireType } = reader.field(() => undefined);
    if (field === wanted) count++;
    reader.skip(wireType);
  }
  return count;
}
