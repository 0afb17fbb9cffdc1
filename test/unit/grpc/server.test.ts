import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { Durability, GetServerInfoRequest, SubscribeRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { GrpcServer } from '../../../src/grpc/server.ts';
import { REQUEST_BYTES_DEFAULT, SHUTDOWN_GRACE_MS } from '../../../src/limits.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { ServiceOptions } from '../../../src/service/broker-service.ts';
import { TestServer } from '../../support/test-server.ts';

const OPTIONS: ServiceOptions = {
  version: '1',
  durability: 'fsync',
  maxMessageBytes: 1,
  maxRequestBytes: 1,
  logger: silentLogger,
};

function info(server: TestServer) {
  return new Promise((resolve) => {
    server.broker.getServerInfo(GetServerInfoRequest.decode(Buffer.alloc(0)), (error, response) =>
      resolve(error ?? response),
    );
  });
}

describe('GrpcServer', () => {
  it('tells what it is', async () => {
    await using server = await TestServer.start();
    await server.test.publish('t', '1');
    expect(await info(server)).toEqual({
      version: '1.2.3',
      durability: Durability.FSYNC,
      maxMessageBytes: 1024 * 1024,
      maxRequestBytes: REQUEST_BYTES_DEFAULT,
      clockNs: server.test.clock.nowNs(),
      lastTimestampNs: server.test.log.lastTimestampNs,
    });
  });

  it('says that the address is in use', async () => {
    await using server = await TestServer.start();
    const second = new GrpcServer(server.served, OPTIONS);
    await expect(second.listen(server.address)).rejects.toThrow(/in use/);
    await second.close();
  });

  it('closes once, whoever asks', async () => {
    await using server = await TestServer.start();
    expect(server.server.close()).toBe(server.server.close());
    await server.server.close();
    expect(await info(server)).toMatchObject({ code: status.UNAVAILABLE });
  });

  it('ends subscriptions in-band and soon', async () => {
    await using server = await TestServer.start();
    const request = { ...SubscribeRequest.decode(Buffer.alloc(0)), topic: 't' };
    const subscription = server.broker.subscribe(request);
    const events: unknown[] = [];
    subscription.on('data', ({ event }) => events.push(event?.$case));
    await once(subscription, 'data');
    const ended = once(subscription, 'status');
    const startedAt = performance.now();
    await server.server.close();
    expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_GRACE_MS / 2);
    expect(await ended).toMatchObject([{ code: status.OK }]);
    expect(events.at(-1)).toBe('end');
  });
});
