import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { build } from 'hdr-histogram-js';
import { GrpcPeer } from './grpc-peer.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { medianOf, secondsOf } from './workload.ts';

const SYNC_BYTES = 64 * 1024;
const FRAME_BYTES = 256 * 1024;
const MIB = 1024 * 1024;

/** What the machine gives without playhead: the disk, LevelDB on it, and gRPC in both directions. */
export const limits: Workload = {
  name: 'limits',
  async run(settings) {
    const figures = [
      await fileSync(settings),
      await levelSync(settings),
      await grpcStream(settings, 'flood'),
      await grpcStream(settings, 'sink'),
    ];
    return figures.map((figure) => ({ ...figure, isLimit: true }));
  },
};

/** Appends to a file and waits for the disk each time. */
async function fileSync({ isQuick, dir, note }: Settings): Promise<Figure> {
  note('limits: fdatasync');
  const count = isQuick ? 300 : 3000;
  await using directory = await scratch(dir);
  const file = await open(join(directory.path, 'file'), 'w');
  const micros = build({ highestTrackableValue: 60_000_000 });
  const block = Buffer.alloc(SYNC_BYTES, 'x');
  const seconds = await secondsOf(async () => {
    for (let i = 0; i < count; i++) {
      const startMs = performance.now();
      await file.write(block);
      await file.datasync();
      micros.recordValue(Math.round((performance.now() - startMs) * 1000));
    }
  });
  await file.close();
  const ms = (percentile: number) => (micros.getValueAtPercentile(percentile) / 1000).toFixed(1);
  return {
    what: 'file: write of 64 KiB and fdatasync, one after the other',
    value: count / seconds,
    unit: 'syncs/s',
    remark:
      `${((count * SYNC_BYTES) / seconds / 1e6).toFixed(0)} MB/s; ${ms(50)} ms (median), ` +
      `${ms(99)} ms (99 %), ${(micros.maxValue / 1000).toFixed(1)} ms (longest)`,
  };
}

/** Batches of one frame with sync, into a database that is set up as the tape. */
export async function levelSync({ isQuick, dir, note, durability }: Settings): Promise<Figure> {
  const count = isQuick ? 300 : 2000;
  const frame = Buffer.alloc(FRAME_BYTES, 'x');
  const rate = await medianOf(isQuick ? 1 : 3, async (index) => {
    note(`limits: LevelDB, run ${index + 1}`);
    await using directory = await scratch(dir);
    const database = new ClassicLevel<Buffer, Buffer>(directory.path, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      writeBufferSize: 64 * MIB,
      maxFileSize: 64 * MIB,
      blockSize: 64 * 1024,
    });
    await database.open();
    const seconds = await secondsOf(async () => {
      for (let i = 0; i < count; i++) {
        const key = Buffer.alloc(8);
        key.writeUInt32BE(i, 4);
        await database.batch([{ type: 'put', key, value: frame }], {
          sync: durability === 'fsync',
        });
      }
    });
    await database.close();
    return (count * FRAME_BYTES) / seconds / 1e6;
  });
  const sync = durability === 'fsync' ? 'with sync' : 'without sync';
  return { ...rate, what: `LevelDB: batches of one 256 KiB frame, ${sync}`, unit: 'MB/s' };
}

/** A stream of buffers as large as playhead's: `flood` from the server, `sink` to it. */
export async function grpcStream(
  { isQuick, note }: Settings,
  direction: 'flood' | 'sink',
): Promise<Figure> {
  const count = isQuick ? 1000 : 4000;
  await using peer = await GrpcPeer.start();
  await peer[direction](count / 10, FRAME_BYTES);
  const rate = await medianOf(isQuick ? 1 : 3, async (index) => {
    note(`limits: gRPC ${direction}, run ${index + 1}`);
    const seconds = await secondsOf(() => peer[direction](count, FRAME_BYTES));
    return (count * FRAME_BYTES) / seconds / 1e6;
  });
  const whose = direction === 'flood' ? 'server' : 'client';
  return { ...rate, what: `grpc-js: ${whose} stream of 256 KiB buffers`, unit: 'MB/s' };
}

async function scratch(dir: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(dir, 'playhead-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
