import { StatusCode } from 'playhead-proto';
import {
  ConfigureTopicRequest,
  DeleteTopicRequest,
  FindBrokerRequest,
  GetTopicConfigurationRequest,
  SeaweedMessagingService as rpc,
} from 'playhead-proto/seaweedfs';
import type { BrokerError } from '../errors.ts';
import { invalidArgument } from '../errors.ts';
import type { Activity } from '../log/activity.ts';
import type { Log } from '../log/log.ts';
import { WIRE } from '../log/wire-reader.ts';
import type { DuplexCall, DuplexMethod, Refuse, ServiceMethod } from '../service/call.ts';
import { timeCall } from '../service/call-timer.ts';
import { noteIn } from '../service/caller.ts';
import type { Fields } from '../service/request-codec.ts';
import { strict } from '../service/request-codec.ts';
import { toCallError } from '../service/status.ts';
import type { Streams } from '../service/streams.ts';
import type { UnaryContext } from '../service/unary.ts';
import { unary } from '../service/unary.ts';
import type { BrokerPlace } from './seaweedfs-address.ts';
import { brokerAddressFor } from './seaweedfs-address.ts';
import { SeaweedConfigurations } from './seaweedfs-configuration.ts';
import { SeaweedPublishStream } from './seaweedfs-publish.ts';
import { SeaweedSubscribeStream } from './seaweedfs-subscribe.ts';
import { topicNameOf, writableTopicNameOf } from './seaweedfs-topic.ts';

/** What the service tells of itself and holds its clients to. */
export interface SeaweedOptions extends UnaryContext {
  readonly maxRequestBytes: number;
  /** By what the broker can be reached, once it can. */
  readonly place: () => BrokerPlace;
  /** Where it is noted what administrators do. */
  readonly activity?: Activity | undefined;
}

const NAME: Fields = { 1: 'text', 2: 'text' };
const CONFIGURATION: Fields = {
  1: WIRE.varint,
  2: 'text',
  3: 'text',
  4: WIRE.varint,
  5: WIRE.varint,
};

const decode = {
  findBroker: strict({ ...NAME, 3: WIRE.varint }, (bytes) => FindBrokerRequest.decode(bytes)),
  deleteTopic: strict(NAME, (bytes) => DeleteTopicRequest.decode(bytes)),
  configureTopic: strict({ ...NAME, 3: CONFIGURATION }, (bytes) =>
    ConfigureTopicRequest.decode(bytes),
  ),
  getTopicConfiguration: strict(NAME, (bytes) => GetTopicConfigurationRequest.decode(bytes)),
};

/** The service `messaging_pb.SeaweedMessaging`, for programs of SeaweedFS's Go client. */
export function seaweedfs(
  log: Log,
  options: SeaweedOptions,
): { readonly names: readonly string[]; methods(streams: Streams): readonly ServiceMethod[] } {
  return {
    names: ['messaging_pb.SeaweedMessaging'],
    methods: (streams) => [...unaryMethods(log, options), ...streamMethods(log, streams, options)],
  };
}

function unaryMethods(log: Log, options: SeaweedOptions): readonly ServiceMethod[] {
  const configurations = SeaweedConfigurations.of(log);
  const note = noteIn(options);
  return [
    // There is one broker, whatever is asked for.
    unary(options, rpc.findBroker, decode.findBroker, (_request, call) => ({
      broker: brokerAddressFor(call.getHost(), options.place()),
    })),

    unary(options, rpc.deleteTopic, decode.deleteTopic, async (request, call) => {
      const topic = writableTopicNameOf(request);
      // One that is not there is deleted already.
      if (log.topics.get(topic) === undefined) return {};
      await log.deleteTopic(topic);
      note(call, 'topic.deleted', { topic });
      return {};
    }),

    unary(options, rpc.configureTopic, decode.configureTopic, async (request, call) => {
      const topic = writableTopicNameOf(request);
      const { configuration } = request;
      if (configuration === undefined) throw invalidArgument('configuration', 'must be set');
      const isNew = log.topics.get(topic) === undefined;
      await configurations.set(topic, configuration);
      if (isNew) note(call, 'topic.created', { topic });
      const { collection, replication } = configuration;
      note(call, 'topic.updated', { topic, collection, replication });
      return {};
    }),

    unary(options, rpc.getTopicConfiguration, decode.getTopicConfiguration, async (request) => ({
      configuration: await configurations.get(topicNameOf(request)),
    })),
  ];
}

function streamMethods(
  log: Log,
  streams: Streams,
  options: SeaweedOptions,
): readonly DuplexMethod[] {
  return [
    {
      kind: 'duplex',
      path: rpc.publish.path,
      handle: (call, _accept, refuse) => {
        const answer = answering(call, refuse, options);
        const { maxRequestBytes } = options;
        const stream = new SeaweedPublishStream(call, log, { ...answer, maxRequestBytes });
        const remove = streams.add(stream, 'publish');
        stream.run(() => {
          remove();
          answer.ended();
        });
      },
    },

    {
      kind: 'duplex',
      path: rpc.subscribe.path,
      handle: (call, accept, refuse) => {
        const answer = answering(call, refuse, options);
        const stream = new SeaweedSubscribeStream(call, log, { ...answer, accept });
        const remove = streams.add(stream, 'subscribe');
        stream.run(() => {
          remove();
          answer.ended();
        });
      },
    },
  ];
}

/** How a stream tells its error, and that it is over. */
function answering(call: DuplexCall, refuse: Refuse, options: SeaweedOptions) {
  const timed = timeCall(call, options);
  let code: StatusCode = StatusCode.OK;
  return {
    refuse: (error: BrokerError) => {
      if (error.reason === 'INTERNAL')
        options.logger.error({ err: error, path: call.getPath() }, 'call failed');
      const refusal = toCallError(error);
      code = refusal.code;
      refuse(refusal);
    },
    ended: () => timed(code),
  };
}
