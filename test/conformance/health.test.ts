import { describe, expect, it } from 'vitest';
import { serve } from '../../src/serve.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { Caller } from './caller.ts';

describe('health', () => {
  it('is the same by gRPC and by HTTP while the storage is opened again', async () => {
    await using directory = await temporaryDirectory();
    let faults: FaultyDatabases | undefined;
    await using broker = await serve({
      dataDir: directory.path,
      grpcAddress: '127.0.0.1:0',
      httpAddress: '127.0.0.1:0',
      wrapDatabases: (databases) => (faults = new FaultyDatabases(databases)),
    });
    using caller = Caller.connect(broker.grpcAddress);
    const health = async () => {
      const { status } = await fetch(`http://${broker.httpAddress}/readyz`);
      const { status: grpc } = await caller.call('Check', { service: '' });
      return [status, grpc];
    };
    expect(await health()).toEqual([200, 'SERVING']);
    const release = faults?.hold('open.tape');
    faults?.fail('tape.batch');
    const publish = caller.call('Publish', { topic: 't', messages: [{ value: Buffer.from('1') }] });
    await expect(publish).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await health()).toEqual([503, 'NOT_SERVING']);
    expect((await fetch(`http://${broker.httpAddress}/healthz`)).status).toBe(200);
    release?.();
    await expect.poll(health).toEqual([200, 'SERVING']);
  });
});
