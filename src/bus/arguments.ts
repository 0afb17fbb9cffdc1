import { toPlayheadError } from '../client-error.ts';
import { checkTopicName } from '../log/topic-name.ts';
import type { BridgeOptions } from './bridge.ts';
import type { EmitOptions } from './event.ts';

const TIMESTAMP_MAX_NS = 2n ** 63n - 1n;

/** Throws INVALID_ARGUMENT unless it can be the name of a topic. */
export function checkName(name: string): void {
  if (typeof name !== 'string') throw new TypeError('the name of a topic is a string');
  try {
    checkTopicName(name);
  } catch (error) {
    throw toPlayheadError(error);
  }
}

/** Throws a TypeError for what is none. */
export function checkEmitOptions(options: EmitOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('what goes with an emit is an object: txId, id, source, occurredAt');
  }
  const { id, txId, source, occurredAt } = options;
  checkText('id', id);
  checkText('txId', txId);
  checkText('source', source);
  if (occurredAt === undefined) return;
  if (typeof occurredAt === 'bigint' && occurredAt >= 0n && occurredAt <= TIMESTAMP_MAX_NS) return;
  throw new TypeError(
    `occurredAt is a bigint of nanoseconds since 1970, not ${String(occurredAt)}`,
  );
}

/** The id. Throws a TypeError for what a generator makes that is none. */
export function checkId(id: string): string {
  if (typeof id === 'string') return id;
  throw new TypeError(`nextId makes strings, not ${String(id)}`);
}

/** Throws a TypeError for what is none. */
export function checkBridgeOptions(options: BridgeOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('a bridge needs publish or subscribe');
  }
  const { publish, subscribe, from, until, handlerKeys, codec } = options;
  if (publish === undefined && subscribe === undefined) {
    throw new TypeError('a bridge needs publish or subscribe');
  }
  checkText('publish', publish);
  checkText('subscribe', subscribe);
  if (subscribe === undefined && (from ?? until ?? handlerKeys) !== undefined) {
    throw new TypeError('from, until and handlerKeys go with subscribe');
  }
  if (handlerKeys !== undefined && !Array.isArray(handlerKeys)) {
    throw new TypeError('handlerKeys is a list of keys');
  }
  if (codec === undefined) return;
  if (typeof codec?.encode === 'function' && typeof codec.decode === 'function') return;
  throw new TypeError('a codec has the functions encode and decode');
}

function checkText(name: string, text: string | undefined): void {
  if (text === undefined || typeof text === 'string') return;
  throw new TypeError(`${name} is a string, not ${String(text)}`);
}
