import { BrokerServiceService, type ReadRequest, ReadResponse } from 'playhead-proto';
import { resolveTime } from './broker-clock.ts';
import { type Closed, fromWireClosed } from './closed.ts';
import type { Connection, UnaryMethod } from './connection.ts';
import type { Message } from './message.ts';
import { int32 } from './number.ts';
import { type EndPosition, type StartPosition, toUntil, toWirePosition } from './position.ts';
import { MessageReader, scanResponse } from './response.ts';
import type { RequestOptions } from './topics.ts';

export interface ReadOptions extends RequestOptions {
  /** Where to begin; `'earliest'` by default. */
  readonly from?: StartPosition | undefined;
  /** Where to end; what is there now by default. */
  readonly until?: EndPosition | undefined;
  /** At most so many messages; 1000 by default, at most 100 000. */
  readonly limit?: number | undefined;
  /** At most so many bytes, but at least one message; 1 MiB by default. */
  readonly maxBytes?: number | undefined;
}

/** A part of a topic, or of the topics of a glob. */
export interface Page {
  readonly messages: readonly Message[];
  /** Where the next page begins. */
  readonly nextTimestampNs: bigint;
  /** True if the page reaches the end of what was there, or until. */
  readonly isCaughtUp: boolean;
  /** Set if the page begins later than asked for, because that is trimmed. */
  readonly trimmed:
    | { readonly topic: string; readonly firstTimestampNs: bigint | undefined }
    | undefined;
  /** Set if the page reaches the close marker: there is no more, ever. */
  readonly closed: Closed | undefined;
}

/** Its response stays bytes, so that messages are decoded when somebody looks at them. */
const readMethod: UnaryMethod<ReadRequest, Buffer> = {
  path: BrokerServiceService.read.path,
  requestSerialize: BrokerServiceService.read.requestSerialize,
  responseDeserialize: (bytes) => bytes,
};

/** Reads one page. */
export async function readPage(
  connection: Connection,
  topic: string,
  options: ReadOptions = {},
): Promise<Page> {
  const { from = 'earliest', limit = 0, maxBytes = 0, signal } = options;
  const until = toUntil(options.until ?? 'now');
  const request = {
    topic,
    from: toWirePosition(from),
    untilTimestampNs: until === 'now' ? undefined : await resolveTime(connection, until, signal),
    maxMessages: int32('limit', limit) ?? 0,
    maxBytes: int32('maxBytes', maxBytes) ?? 0,
  };
  const bytes = await connection.request(readMethod, request, `read ${topic}`, signal);
  const response = scanResponse(bytes);
  const { runs, nextTimestampNs, isCaughtUp, trimmed, closed } = ReadResponse.decode(response.rest);
  return {
    messages: new MessageReader(response, topic, runs).next(response.messageCount),
    nextTimestampNs,
    isCaughtUp,
    trimmed: trimmed && {
      topic: trimmed.topic,
      firstTimestampNs: trimmed.firstTimestampNs === 0n ? undefined : trimmed.firstTimestampNs,
    },
    closed: closed && fromWireClosed(closed),
  };
}
