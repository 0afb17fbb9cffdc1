import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { serve } from '../../src/serve.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ANY_PORT = '127.0.0.1:0';

describe('serve', () => {
  it('answers at the address that it names', async () => {
    await using served = await serve({ grpcAddress: ANY_PORT });
    expect(served.grpcAddress).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    await using client = connect(served.grpcAddress);
    expect((await client.serverInfo()).version).toBe(served.broker.service.version);
  });

  it('serves HTTP where it is asked to, and not otherwise', async () => {
    await using served = await serve({ grpcAddress: ANY_PORT, httpAddress: ANY_PORT });
    const response = await fetch(`http://${served.httpAddress}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }]);
    await using other = await serve({ grpcAddress: ANY_PORT });
    expect(other.httpAddress).toBeUndefined();
  });

  it('lets go of everything when it cannot listen for HTTP', async () => {
    await using directory = await temporaryDirectory();
    await using first = await serve({ grpcAddress: ANY_PORT, httpAddress: ANY_PORT });
    const { httpAddress } = first;
    const options = { dataDir: directory.path, grpcAddress: ANY_PORT };
    await expect(serve({ ...options, httpAddress })).rejects.toThrow(
      `cannot listen on ${httpAddress}: the address is in use`,
    );
    await using _second = await serve({ ...options, httpAddress: ANY_PORT });
  });

  it('lets go of the data directory when it cannot listen', async () => {
    await using directory = await temporaryDirectory();
    await using first = await serve({ grpcAddress: ANY_PORT });
    const options = { dataDir: directory.path };
    await expect(serve({ ...options, grpcAddress: first.grpcAddress })).rejects.toThrow(
      `cannot listen on ${first.grpcAddress}: the address is in use`,
    );
    await using _second = await serve({ ...options, grpcAddress: ANY_PORT });
  });

  it('lets go of port and data directory when it is closed, as often as it is asked', async () => {
    await using directory = await temporaryDirectory();
    const served = await serve({ dataDir: directory.path, grpcAddress: ANY_PORT });
    await Promise.all([served.close(), served.close()]);
    await served.close();
    const options = { dataDir: directory.path, grpcAddress: served.grpcAddress };
    await using again = await serve(options);
    expect(again.grpcAddress).toBe(served.grpcAddress);
  });
});
