import { bytesOf, type Fields, isFields } from './bytes.ts';
import { toDriverMessages } from './message-form.ts';

/** What a case may leave out of a request, and what a value that is no mapping stands for. */
interface RequestForm {
  /** Fields that are filled in if they are missing. */
  readonly defaults?: Fields;
  /** The field that a list, a number or a text alone is. */
  readonly short?: string;
}

const OF_TOPIC: RequestForm = { defaults: { client: 'client', topic: '$topic' }, short: 'topic' };
const OF_SUBSCRIPTION: RequestForm = {
  defaults: { client: 'client', topic: '$topic', subscription: 'work' },
};
const OF_READER: RequestForm = {
  defaults: { subscription: 'subscription' },
  short: 'subscription',
};
const OF_DELIVERY: RequestForm = { short: 'delivery' };

/** The requests of the driver protocol. */
export const REQUESTS = {
  connect: { defaults: { as: 'client' } },
  disconnect: { defaults: { client: 'client' }, short: 'client' },
  serverInfo: { defaults: { client: 'client' } },
  createTopic: OF_TOPIC,
  updateTopic: OF_TOPIC,
  getTopic: OF_TOPIC,
  listTopics: { defaults: { client: 'client' }, short: 'glob' },
  trimTopic: OF_TOPIC,
  closeTopic: OF_TOPIC,
  deleteTopic: OF_TOPIC,
  openPublisher: { defaults: { client: 'client', topic: '$topic' }, short: 'as' },
  publish: { short: 'messages' },
  flush: { short: 'publisher' },
  closePublisher: { short: 'publisher' },
  read: OF_TOPIC,
  subscribe: {
    defaults: { client: 'client', topic: '$topic', as: 'subscription' },
    short: 'from',
  },
  next: { ...OF_READER, short: 'count' },
  unsubscribe: OF_READER,
  openChannel: { defaults: { client: 'client', name: '$channel' }, short: 'as' },
  writeChannel: { short: 'messages' },
  closeChannel: { short: 'reason' },
  readChannel: { defaults: { as: 'subscription' }, short: 'as' },
  verify: OF_READER,
  deleteChannel: { defaults: { client: 'client', name: '$channel' }, short: 'name' },
  createSubscription: OF_SUBSCRIPTION,
  updateSubscription: OF_SUBSCRIPTION,
  getSubscription: OF_SUBSCRIPTION,
  listSubscriptions: OF_TOPIC,
  deleteSubscription: OF_SUBSCRIPTION,
  seekSubscription: { ...OF_SUBSCRIPTION, short: 'to' },
  snapshotSubscription: OF_SUBSCRIPTION,
  redrive: OF_SUBSCRIPTION,
  consume: {
    defaults: { client: 'client', topic: '$topic', subscription: 'work', as: 'consumption' },
  },
  deliveries: { defaults: { consumption: 'consumption' }, short: 'count' },
  pull: { ...OF_SUBSCRIPTION, short: 'limit' },
  ack: OF_DELIVERY,
  nack: OF_DELIVERY,
  extend: OF_DELIVERY,
  terminate: OF_DELIVERY,
  closeConsumption: { defaults: { consumption: 'consumption' }, short: 'consumption' },
} as const satisfies Readonly<Record<string, RequestForm>>;

export type Operation = keyof typeof REQUESTS;

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(REQUESTS, name);
}

/** The request as a mapping, with its defaults. */
export function completed(operation: Operation, written: unknown): Fields {
  const { defaults = {}, short }: RequestForm = REQUESTS[operation];
  if (written === null || written === undefined) return defaults;
  if (isFields(written) && !('numbered' in written)) return { ...defaults, ...written };
  if (short === undefined) throw new TypeError(`${operation} takes a mapping`);
  return { ...defaults, [short]: written };
}

/** As a driver gets it: with base64 for bytes of messages, and with text for what is repeated elsewhere. */
export function toDriverRequest(request: Fields): Fields {
  const { messages, ...others } = request;
  const rest = Object.fromEntries(
    Object.entries(others).map(([name, value]) => {
      const isRepeated = isFields(value) && 'repeat' in value;
      return [name, isRepeated ? bytesOf(value)?.buffer.toString('utf8') : value];
    }),
  );
  return messages === undefined ? rest : { ...rest, messages: toDriverMessages(messages) };
}
