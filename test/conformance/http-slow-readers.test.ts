import { connect as openSocket, type Socket } from 'node:net';
import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { HTTP_CHUNK_BYTES, HTTP_TEXT_LENGTH, PAGE_BYTES } from '../../src/limits.ts';
import { MeasuredBroker } from './measured-broker.ts';
import { isExternal } from './support.ts';

const READERS = 1000;
const MESSAGE_BYTES = 1000;
const ACCEPTED = ['text/event-stream', 'application/x-ndjson'];

/**
 * The page that it is in, and a copy of what it reads of it; three pieces of text, one that is made, one that waits for
 * its turn and one that is being sent. Measured: 150 KB while the sockets still take something, which the machine may have
 * gigabytes of, and 290 KB once they do not.
 */
const READER_BYTES = PAGE_BYTES + HTTP_CHUNK_BYTES + 3 * HTTP_TEXT_LENGTH;
/** What may be left of one that has gone: Node keeps some things to use them again. Measured: 1 KB. */
const GONE_BYTES = 10_000;

/** Asks for all of a topic, and reads nothing of it. */
function stalledReader(address: string, index: number): Socket {
  const [host, port] = address.split(':');
  const socket = openSocket(Number(port), host);
  socket.pause();
  // It is cut off in the end.
  socket.on('error', () => {});
  const accept = ACCEPTED[index % ACCEPTED.length];
  const query = 'follow=true';
  socket.write(
    `GET /v1/topics/t/messages?${query} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`,
  );
  return socket;
}

async function publishMegabytes(broker: MeasuredBroker, count: number): Promise<void> {
  await using client = connect(broker.address);
  const value = Buffer.alloc(MESSAGE_BYTES, 'x');
  const values = Array.from({ length: count * 1000 }, () => value);
  await client.publisher('t').publishAll(values);
}

async function subscriberCount({ httpAddress }: MeasuredBroker): Promise<number> {
  const response = await fetch(`http://${httpAddress}/v1/topics/t`);
  const { subscriber_count: count } = (await response.json()) as { subscriber_count: number };
  return count;
}

/** Live memory, once it grows no more. */
async function settledMemory(broker: MeasuredBroker): Promise<number> {
  let last = 0;
  for (let stillFor = 0; stillFor < 3; ) {
    const { live } = await broker.memory();
    stillFor = live < last * 1.01 ? stillFor + 1 : 0;
    last = Math.max(last, live);
  }
  return last;
}

/** Publishes a message, and reads it; answers with the milliseconds that the publish takes. */
async function publishAndRead({ httpAddress }: MeasuredBroker): Promise<number> {
  const url = `http://${httpAddress}/v1/topics/t/messages`;
  const startMs = performance.now();
  const published = await fetch(url, { method: 'POST', body: 'still here' });
  expect(published.status).toBe(200);
  const takenMs = performance.now() - startMs;
  const response = await fetch(`${url}?last=1`, { headers: { accept: 'application/x-ndjson' } });
  expect(await response.text()).toContain('still here');
  return takenMs;
}

describe.skipIf(isExternal)('a thousand readers over HTTP that stop reading', () => {
  it('cost a bounded amount of memory, keep nobody waiting, and leave nothing behind', async () => {
    await using broker = await MeasuredBroker.start();
    // Many times what the sockets take in between, and more than the broker keeps for those who follow.
    await publishMegabytes(broker, 50);
    await publishAndRead(broker);
    const before = await settledMemory(broker);
    const sockets = Array.from({ length: READERS }, (_, i) => stalledReader(broker.httpAddress, i));
    await expect.poll(() => subscriberCount(broker), { timeout: 60_000 }).toBe(READERS);
    const stalled = await settledMemory(broker);
    expect((stalled - before) / READERS).toBeLessThan(READER_BYTES);

    // Much is published while they follow: they fall behind, and cost no more.
    await publishMegabytes(broker, 20);
    // Whoever reads has a thousandth of the broker; whoever publishes waits for none of them.
    expect(await publishAndRead(broker)).toBeLessThan(2000);
    const behind = await settledMemory(broker);
    expect((behind - before) / READERS).toBeLessThan(READER_BYTES);

    for (const socket of sockets) socket.resetAndDestroy();
    await expect.poll(() => subscriberCount(broker), { timeout: 60_000 }).toBe(0);
    const after = await settledMemory(broker);
    expect((after - before) / READERS).toBeLessThan(GONE_BYTES);
  }, 180_000);
});
