import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'hdr-histogram-js';
import { HttpConnection } from './http-connection.ts';
import { report } from './role.ts';
import { TextPayloads } from './text-payloads.ts';

/** How load is made: each connection publishes its share, thinks after each message, and one more fetches all. */
export interface GophermqLoad {
  /** `host:port`. */
  readonly address: string;
  readonly connections: number;
  readonly messageCount: number;
  readonly messageBytes: number;
  readonly thinkMs: number;
}

/** What came of it. */
export interface GophermqReport {
  readonly error?: string;
  /** Until the last message was accepted. */
  readonly seconds: number;
  readonly p95Ms: number;
  readonly refusedCount: number;
}

const SUBJECT = 'load.test';

async function run(load: GophermqLoad): Promise<GophermqReport> {
  const { address, connections, messageCount, messageBytes, thinkMs } = load;
  const payloads = new TextPayloads(messageBytes);
  const micros = build({ highestTrackableValue: 60_000_000 });
  const fetcher = await HttpConnection.open(address);
  const { body } = await fetcher.post('/api/subscribe', JSON.stringify({ subject: SUBJECT }));
  const { id }: { id: string } = JSON.parse(body);
  const fetching = fetchAll(fetcher, id, payloads, messageCount);
  const all = await Promise.all(
    Array.from({ length: connections }, () => HttpConnection.open(address)),
  );
  const share = messageCount / connections;
  let refusedCount = 0;
  const startMs = performance.now();
  const publishing = all.map(async (connection, number) => {
    // As many programs, not as one.
    if (thinkMs > 0) await sleep(thinkMs * (number / connections));
    for (let index = number * share; index < (number + 1) * share; index++) {
      const json = `{"subject":"${SUBJECT}","data":"${payloads.at(index)}"}`;
      const sentMs = performance.now();
      const { status } = await connection.post('/api/publish', json);
      micros.recordValue(Math.round((performance.now() - sentMs) * 1000));
      if (status !== 200) refusedCount++;
      if (thinkMs > 0) await sleep(thinkMs);
    }
    connection.close();
  });
  await Promise.all(publishing);
  const seconds = (performance.now() - startMs) / 1000;
  if (refusedCount === 0) await fetching;
  fetcher.close();
  return { seconds, p95Ms: micros.getValueAtPercentile(95) / 1000, refusedCount };
}

/** Throws unless each message comes, once. */
async function fetchAll(
  connection: HttpConnection,
  id: string,
  payloads: TextPayloads,
  count: number,
): Promise<void> {
  const isTaken = new Uint8Array(count);
  const json = JSON.stringify({ subject: SUBJECT, id });
  for (let taken = 0; taken < count; ) {
    const { status, body } = await connection.post('/api/fetch?wait=10s', json);
    if (status !== 200) throw new Error(`a fetch was answered with ${status}: ${body}`);
    const { data }: { data: readonly string[] } = JSON.parse(body);
    if (data.length === 0) throw new Error(`${count - taken} messages were lost`);
    for (const value of data) {
      const index = payloads.indexOf(value);
      if (isTaken[index] !== 0) throw new Error(`message ${index} came twice`);
      isTaken[index] = 1;
      taken++;
    }
    // Whoever fetches at once again would fetch messages one by one.
    await sleep(20);
  }
}

// A role of gophermq.ts: makes load, as it is told to by its argument.
try {
  report(await run(JSON.parse(process.argv[2] ?? '') as GophermqLoad));
} catch (error) {
  report({ error: String(error), seconds: 0, p95Ms: 0, refusedCount: 0 } satisfies GophermqReport);
}
