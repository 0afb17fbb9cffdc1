import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker.ts';
import { BrokerError } from '../../src/errors.ts';
import { copyOf, filesOf } from '../support/data-copy.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { PreparedData } from '../support/prepared-data.ts';
import { prepareData } from '../support/prepared-data.ts';
import { Random } from '../support/random.ts';
import { faultOf, readThrough } from '../support/read-report.ts';

const flips = Number(process.env['PLAYHEAD_FLIPS'] ?? 200);

let prepared: PreparedData;
beforeAll(async () => {
  prepared = await prepareData();
});
afterAll(() => prepared[Symbol.asyncDispose]());

describe('one flipped bit', () => {
  it(`is read right or told as DATA_LOSS, ${flips} times`, async () => {
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 1);
    const outcomes = new Map<string, number>();
    const faults: string[] = [];
    for (let i = 0; i < flips; i++) {
      await using copy = await copyOf(prepared.path);
      const files = [...(await filesOf(copy.path, 'tape')), ...(await filesOf(copy.path, 'index'))];
      const file = random.pick(files);
      const path = join(copy.path, file);
      const bytes = await readFile(path);
      if (bytes.length === 0) continue;
      const bit = random.below(bytes.length * 8);
      bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(path, bytes);
      const what = `flip ${i}: bit ${bit} of ${file} (${bytes.length} bytes)`;
      let outcome: string;
      try {
        outcome = await check(copy.path);
      } catch (error) {
        outcome = `thrown ${error}`;
        faults.push(`${what}: ${error instanceof Error ? error.stack : error}`);
      }
      if (outcome.startsWith('FAULT')) faults.push(`${what}: ${outcome}`);
      const kind = `${file.replace(/\d+/, '')} ${outcome.split(':')[0]}`;
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    console.log([...outcomes].sort().map(([k, v]) => `${v}\t${k}`).join('\n'));
    expect(faults).toEqual([]);
  });
});

async function check(dataDir: string): Promise<string> {
  const { writer } = prepared;
  let broker: Broker;
  try {
    broker = await Broker.open({ dataDir, clock: new ManualClock(), durability: 'os' });
  } catch (error) {
    if (error instanceof BrokerError && error.reason === 'DATA_LOSS') return 'refused';
    throw error;
  }
  await using _ = broker;
  let lost = 0;
  for (const topic of [...writer.topics()]) {
    const report = await readThrough(broker.log, topic);
    const fault = faultOf(report, writer.of(topic));
    if (fault) return `FAULT: topic ${fault} lost ${report.lost.length}`;
    lost += report.lost.length;
  }
  for (const untilNow of [false, true]) {
    const report = await readThrough(broker.log, '**', { untilNow });
    const fault = faultOf(report, writer.all());
    if (fault) return `FAULT: glob ${untilNow} ${fault} lost ${report.lost.length}`;
    lost += report.lost.length;
  }
  return lost === 0 ? 'right' : `loss told`;
}
