import {
  Edge,
  EndReason,
  PublishStreamResponse,
  SubscribeResponse,
  TopicConfig,
} from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import type { EndReason as LogEndReason, ReadEvent } from '../../../src/log/read-event.ts';
import {
  encodeEndWithError,
  encodeEvent,
  encodeMessages,
  encodeResults,
  fromWireConfig,
  fromWirePosition,
  toWireTopic,
} from '../../../src/service/convert.ts';
import { runOf, valuesOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

const marker = { timestampNs: 9n, messageCount: 4n, reason: 'done', checksum: Buffer.alloc(16, 1) };

describe('fromWirePosition', () => {
  it.each([
    [{ $case: 'edge', value: Edge.EARLIEST }, { at: 'earliest' }],
    [{ $case: 'edge', value: Edge.LATEST }, { at: 'latest' }],
    [
      { $case: 'timestampNs', value: 5n },
      { at: 'timestamp', timestampNs: 5n },
    ],
    [
      { $case: 'agoNs', value: 5n },
      { at: 'ago', agoNs: 5n },
    ],
    [
      { $case: 'lastMessages', value: 5n },
      { at: 'last', messageCount: 5n },
    ],
    [undefined, { at: 'latest' }],
  ] as const)('understands %o', (at, position) => {
    expect(fromWirePosition({ at }, { at: 'latest' })).toEqual(position);
  });

  it('takes what is unset as it is told to', () => {
    expect(fromWirePosition(undefined, { at: 'earliest' })).toEqual({ at: 'earliest' });
  });

  it('refuses an edge that is none', () => {
    const at = { $case: 'edge', value: Edge.UNSPECIFIED } as const;
    expect(() => fromWirePosition({ at }, { at: 'latest' })).toThrow(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT', metadata: { field: 'from.edge' } }),
    );
  });
});

describe('messages on their way out', () => {
  const run = (...values: string[]) => runOf(...values).bytes;
  const event = { type: 'messages', bytes: 0, messageCount: 3, nextNs: 1n } as const;

  it('are the stored bytes themselves when they are in one piece', () => {
    const chunk = run('1', '2', '3');
    expect(encodeMessages({ ...event, chunks: [chunk], runs: [] })).toBe(chunk);
  });

  it('are a response in every case', () => {
    const chunks = [run('1'), run('2', '3')];
    const runs = [
      { topic: 'a', messageCount: 1 },
      { topic: 'b', messageCount: 2 },
    ];
    for (const given of [[], runs]) {
      const bytes = encodeMessages({ ...event, chunks, runs: given });
      expect(valuesOf(bytes)).toEqual(['1', '2', '3']);
      const response = SubscribeResponse.decode(bytes);
      expect([response.runs, response.event]).toEqual([given, undefined]);
    }
  });
});

describe('encodeEvent', () => {
  const eventOf = (event: Exclude<ReadEvent, { type: 'messages' | 'created' }>) => {
    const { messages, event: encoded } = SubscribeResponse.decode(encodeEvent(event));
    expect(messages).toEqual([]);
    return encoded;
  };

  it('tells every event', () => {
    expect(eventOf({ type: 'caught_up', nextNs: 5n })).toEqual({
      $case: 'caughtUp',
      value: { nextTimestampNs: 5n },
    });
    expect(eventOf({ type: 'trimmed', topic: 't', firstTimestampNs: 5n })).toEqual({
      $case: 'trimmed',
      value: { topic: 't', firstTimestampNs: 5n },
    });
    expect(eventOf({ type: 'closed', topic: 't', marker })).toMatchObject({
      $case: 'closed',
      value: { topic: 't', timestampNs: 9n, messageCount: 4n, reason: 'done' },
    });
    expect(eventOf({ type: 'deleted', topic: 't' })).toEqual({
      $case: 'deleted',
      value: { topic: 't' },
    });
  });

  it('tells every reason of an end', () => {
    const expected: Record<LogEndReason, EndReason> = {
      closed: EndReason.CLOSED,
      limit: EndReason.LIMIT,
      until: EndReason.UNTIL,
      deleted: EndReason.DELETED,
    };
    for (const reason of ['closed', 'limit', 'until', 'deleted'] as const) {
      expect(eventOf({ type: 'end', reason })).toMatchObject({
        $case: 'end',
        value: { reason: expected[reason] },
      });
    }
  });

  it('tells an error as the end', () => {
    const error = new BrokerError('SHUTTING_DOWN', 'good night', { a: 'b' });
    expect(SubscribeResponse.decode(encodeEndWithError(error)).event).toMatchObject({
      $case: 'end',
      value: { reason: EndReason.ERROR, error: { message: 'good night', metadata: { a: 'b' } } },
    });
  });
});

describe('encodeResults', () => {
  it('tells acks and refusals in their order', () => {
    const ack = { firstTimestampNs: 5n, lastTimestampNs: 6n, isDuplicate: true, closed: marker };
    const error = new BrokerError('CONFLICT', 'no', { topic: 't' });
    const { results } = PublishStreamResponse.decode(
      encodeResults([
        { topic: 't', outcome: ack },
        { topic: 't', outcome: error },
        { topic: 'u', outcome: { ...ack, isDuplicate: false, closed: undefined } },
      ]),
    );
    expect(results).toMatchObject([
      {
        outcome: {
          $case: 'ack',
          value: {
            firstTimestampNs: 5n,
            lastTimestampNs: 6n,
            duplicate: true,
            closed: { topic: 't', reason: 'done', messageCount: 4n },
          },
        },
      },
      { outcome: { $case: 'error', value: { message: 'no', metadata: { topic: 't' } } } },
      { outcome: { $case: 'ack', value: { duplicate: false, closed: undefined } } },
    ]);
  });
});

describe('settings of a topic', () => {
  it('are those that are set', () => {
    expect(fromWireConfig(undefined)).toEqual({});
    expect(fromWireConfig(TopicConfig.decode(Buffer.alloc(0)))).toEqual({});
    const unset = TopicConfig.decode(Buffer.alloc(0));
    expect(fromWireConfig({ ...unset, maxBytes: 0n, maxMessageBytes: 7 })).toEqual({
      maxBytes: 0n,
      maxMessageBytes: 7,
    });
  });
});

describe('toWireTopic', () => {
  it('tells everything of a topic', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { maxMessages: 9n });
    const createdTimestampNs = test.clock.nowNs();
    const { firstTimestampNs, lastTimestampNs } = await test.publish('t', '1', '2');
    await test.log.trimTopic('t', lastTimestampNs);
    const topic = test.log.topic('t');
    expect(toWireTopic(topic, test.log)).toEqual({
      topic: 't',
      config: {
        maxAgeMs: 0n,
        maxBytes: 0n,
        maxMessages: 9n,
        maxMessageBytes: 1024 * 1024,
        trimConsumed: false,
      },
      createdTimestampNs,
      firstTimestampNs: firstTimestampNs + 1n,
      lastTimestampNs,
      messageCount: 1n,
      byteCount: BigInt(runOf('2').bytes.length),
      messagesPerSecond: 2 / 60,
      bytesPerSecond: runOf('1', '2').bytes.length / 60,
      closed: undefined,
      subscriberCount: 0,
    });
  });

  it('tells the close marker, also what is left of a lost one', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { timestampNs } = await test.close('t', 'done');
    const topic = test.log.topic('t');
    expect(toWireTopic(topic, test.log).closed).toMatchObject({
      topic: 't',
      timestampNs,
      reason: 'done',
    });
    topic.closeBody = Buffer.alloc(0);
    expect(toWireTopic(topic, test.log).closed).toMatchObject({
      timestampNs,
      messageCount: 1n,
      reason: '',
    });
  });
});
