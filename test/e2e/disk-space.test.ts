import type { Client } from 'playhead-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect } from '../support/collect.ts';
import { diskUsageBytes } from '../support/disk-usage.ts';

const MIB = 1024 ** 2;
const VALUE = 'x'.repeat(16 * 1024);

async function fill(client: Client, topic: string, bytes: number): Promise<bigint> {
  const source = function* () {
    for (let sent = 0; sent < bytes; sent += VALUE.length) yield VALUE;
  };
  const { lastTimestampNs } = await client.publisher(topic).publishAll(source());
  return lastTimestampNs ?? 0n;
}

/** Prints what became of the disk, which is what this is about. */
function report(what: string, beforeBytes: number, afterBytes: () => number): void {
  onTestFinished(() => {
    const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
    process.stdout.write(`disk, ${what}: ${mib(beforeBytes)}, then ${mib(afterBytes())}\n`);
  });
}

describe('disk space', () => {
  it('comes back after a trim', async () => {
    await using broker = await TestBroker.start({ durability: 'os' });
    await using client = broker.connect();
    const lastTimestampNs = await fill(client, 'trimmed', 200 * MIB);
    const before = await diskUsageBytes(broker.dataDir);
    expect(before).toBeGreaterThan(200 * MIB);
    await client.topics.trim('trimmed', lastTimestampNs);
    let after = before;
    report('200 MiB trimmed', before, () => after);
    await expect
      .poll(async () => (after = await diskUsageBytes(broker.dataDir)), { timeout: 20_000 })
      .toBeLessThan(before / 3);
    const left = await collect(client.subscribe('trimmed', { from: 'earliest', follow: false }));
    expect(left.map(({ timestampNs }) => timestampNs)).toEqual([lastTimestampNs]);
  });

  it('comes back after a delete, and others keep theirs', async () => {
    await using broker = await TestBroker.start({ durability: 'os' });
    await using client = broker.connect();
    await Promise.all([
      fill(client, 'kept', 32 * MIB),
      fill(client, 'deleted/a', 80 * MIB),
      fill(client, 'deleted/b', 80 * MIB),
    ]);
    const before = await diskUsageBytes(broker.dataDir);
    await client.topics.delete('deleted/a');
    await client.topics.delete('deleted/b');
    let after = before;
    report('160 MiB of 192 MiB deleted', before, () => after);
    await expect
      .poll(async () => (after = await diskUsageBytes(broker.dataDir)), { timeout: 20_000 })
      .toBeLessThan(before / 2);
    const kept = await collect(client.subscribe('kept', { from: 'earliest', follow: false }));
    expect(kept).toHaveLength((32 * MIB) / VALUE.length);
  });

  it('stays bounded under retention, however much is published', async () => {
    await using broker = await TestBroker.start({ durability: 'os' });
    await using client = broker.connect();
    await client.topics.create('bounded', { maxBytes: 16 * MIB });
    const publishedBytes = 320 * MIB;
    const lastTimestampNs = await fill(client, 'bounded', publishedBytes);
    let after = publishedBytes;
    report('320 MiB published, 16 MiB retained', publishedBytes, () => after);
    await expect
      .poll(async () => (after = await diskUsageBytes(broker.dataDir)), { timeout: 20_000 })
      .toBeLessThan(publishedBytes / 2);
    expect((await client.topics.get('bounded')).lastTimestampNs).toBe(lastTimestampNs);
  });
});
