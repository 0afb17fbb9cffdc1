import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type { PublishResponse, SubscribeRequest } from 'playhead-proto';
import { BrokerServiceService, Durability } from 'playhead-proto';
import { asBrokerError, invalidArgument } from '../errors.ts';
import { FIRST_PAGE_BYTES, PAGE_BYTES } from '../limits.ts';
import type { Activity } from '../log/activity.ts';
import type { Log } from '../log/log.ts';
import { publish, requestTooLarge } from '../log/publish-request.ts';
import { subscribe } from '../log/subscribe.ts';
import { checkTopicName, isGlob } from '../log/topic-name.ts';
import type { Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import { timeCall } from './call-timer.ts';
import { fromWirePosition, toWireAck } from './convert.ts';
import { decodePublish } from './publish-codec.ts';
import { PublishStream } from './publish-stream.ts';
import { read } from './read.ts';
import { asBytes, decodeRequest } from './request-codec.ts';
import { toStatus } from './status.ts';
import type { Streams } from './streams.ts';
import { SubscribeStream } from './subscribe-stream.ts';
import { unary } from './unary.ts';

/** What the service tells of itself and holds its clients to. */
export interface ServiceOptions {
  readonly version: string;
  /** When a publish is acknowledged. */
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  readonly logger: Logger;
  readonly observer?: Observer | undefined;
  /** Where it is noted what administrators do. */
  readonly activity?: Activity | undefined;
}

const DURABILITY: Readonly<Record<ServiceOptions['durability'], Durability>> = {
  fsync: Durability.FSYNC,
  os: Durability.OS,
  memory: Durability.MEMORY,
};

/** BrokerService, with requests as bytes, and the responses of the hot methods: their codecs are by hand. */
export const brokerServiceDefinition = {
  ...BrokerServiceService,
  publish: { ...BrokerServiceService.publish, requestDeserialize: asBytes },
  publishStream: {
    ...BrokerServiceService.publishStream,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
  },
  read: {
    ...BrokerServiceService.read,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
  },
  subscribe: {
    ...BrokerServiceService.subscribe,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
  },
  getProducer: { ...BrokerServiceService.getProducer, requestDeserialize: asBytes },
  getServerInfo: { ...BrokerServiceService.getServerInfo, requestDeserialize: asBytes },
};

/** The handlers of BrokerService. */
export function brokerService(log: Log, streams: Streams, options: ServiceOptions) {
  return {
    publish: unary(options, asBytes, (request) =>
      publishBytes(log, request, options.maxRequestBytes),
    ),

    publishStream: (call: ServerDuplexStream<Buffer, Buffer>) => {
      const stream = new PublishStream(call, log, options.maxRequestBytes);
      const remove = streams.add(stream, 'publish');
      const ended = timeCall(call, options.observer);
      stream.run(() => {
        remove();
        ended(status.OK);
      });
    },

    read: unary(options, decodeRequest.read, (request) =>
      read(log, request, options.maxRequestBytes),
    ),

    subscribe: (call: ServerWritableStream<Buffer, Buffer>) => {
      void runSubscribe(call, log, streams, options);
    },

    getProducer: unary(options, decodeRequest.getProducer, ({ topic, producer }) => {
      checkTopicName(topic);
      const last = log.producer(topic, producer);
      return { lastSequence: last?.sequence ?? 0n, lastTimestampNs: last?.timestampNs ?? 0n };
    }),

    getServerInfo: unary(options, decodeRequest.getServerInfo, () => ({
      version: options.version,
      durability: DURABILITY[options.durability],
      maxMessageBytes: options.maxMessageBytes,
      maxRequestBytes: options.maxRequestBytes,
      clockNs: log.clock.nowNs(),
      lastTimestampNs: log.lastTimestampNs,
    })),
  };
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
  call: ServerWritableStream<Buffer, Buffer>,
  log: Log,
  streams: Streams,
  { logger, observer }: ServiceOptions,
): Promise<void> {
  const ended = timeCall(call, observer);
  let stream: SubscribeStream;
  try {
    const refusal = log.isDraining ? log.writeRefusal() : undefined;
    if (refusal !== undefined) throw refusal;
    const request = decodeRequest.subscribe(call.request);
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
    // Headers at once: clients and proxies see that the stream is alive before the first message.
    call.sendMetadata(new Metadata());
    stream = new SubscribeStream(call, subscription, logger);
  } catch (thrown) {
    const error = asBrokerError(thrown);
    if (error.reason === 'INTERNAL')
      logger.error({ err: thrown, path: call.getPath() }, 'call failed');
    const refusal = toStatus(error);
    call.emit('error', refusal);
    ended(refusal.code);
    return;
  }
  const remove = streams.add(stream, 'subscribe');
  await stream.run();
  remove();
  ended(status.OK);
}
