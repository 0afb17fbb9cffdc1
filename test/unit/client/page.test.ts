import { Edge, Message, type ReadRequest } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<{ broker: FakeBroker; client: Client; requests: ReadRequest[] }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address);
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  const requests: ReadRequest[] = [];
  broker.onRead = (request) => {
    requests.push(request);
    return {
      messages: ['a', 'b'].map((value, i) =>
        Message.fromPartial({ timestampNs: BigInt(i + 1), value: Buffer.from(value) }),
      ),
      runs: request.topic.includes('*')
        ? [
            { topic: 'x', messageCount: 1 },
            { topic: 'y', messageCount: 1 },
          ]
        : [],
      nextTimestampNs: 3n,
      isCaughtUp: true,
      trimmed: { topic: 't', firstTimestampNs: 1n },
      closed: {
        topic: 't',
        timestampNs: 9n,
        messageCount: 2n,
        reason: '',
        checksum: new Uint8Array(),
      },
    };
  };
  return { broker, client, requests };
}

describe('Client.read', () => {
  it('answers with a page', async () => {
    const { client } = await start();
    const page = await client.read('t');
    expect(page.messages.map(({ topic, timestampNs, text }) => [topic, timestampNs, text])).toEqual(
      [
        ['t', 1n, 'a'],
        ['t', 2n, 'b'],
      ],
    );
    expect(page).toMatchObject({
      nextTimestampNs: 3n,
      isCaughtUp: true,
      trimmed: { topic: 't', firstTimestampNs: 1n },
      closed: { messageCount: 2, timestampNs: 9n },
    });
  });

  it('names the topic of each message of a glob', async () => {
    const { client } = await start();
    const { messages } = await client.read('*');
    expect(messages.map(({ topic }) => topic)).toEqual(['x', 'y']);
  });

  it('asks for what it is told, from the earliest message by default', async () => {
    const { broker, client, requests } = await start();
    broker.onGetServerInfo = () => ({ clockNs: 60_000_000_000n });
    await client.read('t');
    await client.read('t', { from: 5n, until: '-10s', limit: 7, maxBytes: 8 });
    expect(requests).toEqual([
      {
        topic: 't',
        from: { at: { $case: 'edge', value: Edge.EARLIEST } },
        untilTimestampNs: undefined,
        maxMessages: 0,
        maxBytes: 0,
      },
      {
        topic: 't',
        from: { at: { $case: 'timestampNs', value: 5n } },
        untilTimestampNs: 50_000_000_000n,
        maxMessages: 7,
        maxBytes: 8,
      },
    ]);
  });

  it('refuses a limit that is no integer with a TypeError', async () => {
    const { client } = await start();
    await expect(client.read('t', { limit: 1.5 })).rejects.toThrow(TypeError);
  });
});
