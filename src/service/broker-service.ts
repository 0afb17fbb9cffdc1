import type { PublishResponse, SubscribeRequest } from 'playhead-proto';
import { Durability, BrokerServiceService as rpc, StatusCode } from 'playhead-proto';
import { asBrokerError, invalidArgument } from '../errors.ts';
import { FIRST_PAGE_BYTES, PAGE_BYTES } from '../limits.ts';
import type { Activity } from '../log/activity.ts';
import type { Log } from '../log/log.ts';
import { publish, requestTooLarge } from '../log/publish-request.ts';
import { subscribe } from '../log/subscribe.ts';
import { checkTopicName, isGlob } from '../log/topic-name.ts';
import type { Logger } from '../logger.ts';
import type { Accept, ReadCall, ServiceMethod } from './call.ts';
import type { CallContext } from './call-timer.ts';
import { timeCall } from './call-timer.ts';
import { fromWirePosition, toWireAck } from './convert.ts';
import { decodePublish } from './publish-codec.ts';
import { PublishStream } from './publish-stream.ts';
import { read } from './read.ts';
import { asBytes, decodeRequest } from './request-codec.ts';
import { toCallError } from './status.ts';
import type { Streams } from './streams.ts';
import { SubscribeStream } from './subscribe-stream.ts';
import { unary, unaryBytes } from './unary.ts';

/** What the service tells of itself and holds its clients to. */
export interface ServiceOptions extends CallContext {
  readonly version: string;
  /** When a publish is acknowledged. */
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  readonly logger: Logger;
  /** Where it is noted what administrators do. */
  readonly activity?: Activity | undefined;
}

const DURABILITY: Readonly<Record<ServiceOptions['durability'], Durability>> = {
  fsync: Durability.FSYNC,
  os: Durability.OS,
  memory: Durability.MEMORY,
};

/** BrokerService. The codecs of its hot methods are by hand. */
export function brokerService(
  log: Log,
  streams: Streams,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  const { maxRequestBytes } = options;
  return [
    unary(options, rpc.publish, asBytes, (request) => publishBytes(log, request, maxRequestBytes)),

    {
      kind: 'duplex',
      path: rpc.publishStream.path,
      handle: (call, accept) => {
        accept();
        const stream = new PublishStream(call, log, maxRequestBytes);
        const remove = streams.add(stream, 'publish');
        const ended = timeCall(call, options);
        stream.run(() => {
          remove();
          ended(StatusCode.OK);
        });
      },
    },

    unaryBytes(options, rpc.read, decodeRequest.read, (request) =>
      read(log, request, maxRequestBytes),
    ),

    {
      kind: 'read',
      path: rpc.subscribe.path,
      handle: (request, call, accept) =>
        runSubscribe({ request, call, accept }, log, streams, options),
    },

    unary(options, rpc.getProducer, decodeRequest.getProducer, ({ topic, producer }) => {
      checkTopicName(topic);
      const last = log.producer(topic, producer);
      return { lastSequence: last?.sequence ?? 0n, lastTimestampNs: last?.timestampNs ?? 0n };
    }),

    unary(options, rpc.getServerInfo, decodeRequest.getServerInfo, () => ({
      version: options.version,
      durability: DURABILITY[options.durability],
      maxMessageBytes: options.maxMessageBytes,
      maxRequestBytes,
      clockNs: log.clock.nowNs(),
      lastTimestampNs: log.lastTimestampNs,
    })),
  ];
}

async function publishBytes(
  log: Log,
  request: Buffer,
  maxRequestBytes: number,
): Promise<PublishResponse> {
  if (request.length > maxRequestBytes) throw requestTooLarge(request.length, maxRequestBytes);
  const fields = decodePublish(request);
  return { ack: toWireAck(await publish(log, fields), fields.topic) };
}

/** Throws unless the fields go together. */
function checkSubscribe(request: SubscribeRequest): void {
  const { maxMessages, untilNow, untilTimestampNs, topicCreatedTimestampNs } = request;
  if (maxMessages < 0n) throw invalidArgument('max_messages', `${maxMessages} is negative`);
  if (untilNow && untilTimestampNs !== undefined) {
    throw invalidArgument('until_now', 'must not be set together with until_timestamp_ns');
  }
  if (isGlob(request.topic) && topicCreatedTimestampNs !== 0n) {
    throw invalidArgument('topic_created_timestamp_ns', 'must not be set for a glob');
  }
}

async function runSubscribe(
  { request: bytes, call, accept }: { request: Buffer; call: ReadCall; accept: Accept },
  log: Log,
  streams: Streams,
  options: ServiceOptions,
): Promise<void> {
  const { logger } = options;
  const ended = timeCall(call, options);
  let stream: SubscribeStream;
  try {
    const refusal = log.isDraining ? log.writeRefusal() : undefined;
    if (refusal !== undefined) throw refusal;
    const request = decodeRequest.subscribe(bytes);
    checkSubscribe(request);
    const subscription = await subscribe(log, {
      topic: request.topic,
      position: fromWirePosition(request.from, { at: 'latest' }),
      untilNs: request.untilTimestampNs,
      untilNow: request.untilNow,
      maxMessages: request.maxMessages > 0n ? Number(request.maxMessages) : undefined,
      createdTimestampNs: request.topicCreatedTimestampNs || undefined,
      chunkBytes: PAGE_BYTES,
      firstChunkBytes: FIRST_PAGE_BYTES,
    });
    // At once: clients and proxies see that the stream is alive before the first message.
    accept();
    stream = new SubscribeStream(call, subscription, logger);
  } catch (thrown) {
    const error = asBrokerError(thrown);
    if (error.reason === 'INTERNAL')
      logger.error({ err: thrown, path: call.getPath() }, 'call failed');
    const refusal = toCallError(error);
    ended(refusal.code);
    throw refusal;
  }
  const remove = streams.add(stream, 'subscribe');
  await stream.run();
  remove();
  ended(StatusCode.OK);
}
