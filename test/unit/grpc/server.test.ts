import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createConnection } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Client, credentials, status } from '@grpc/grpc-js';
import { Durability, GetServerInfoRequest, SubscribeRequest } from 'playhead-proto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GrpcServer } from '../../../src/grpc/server.ts';
import {
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  REQUEST_BYTES_DEFAULT,
  SHUTDOWN_GRACE_MS,
} from '../../../src/limits.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { ServiceOptions } from '../../../src/service/broker-service.ts';
import { TestServer } from '../../support/test-server.ts';
import { bytesField, varintField } from '../../support/wire.ts';

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

/** Asks a server for the health of a service; answers with the response, or the error. */
function healthOf(address: string) {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const same = (bytes: Buffer) => bytes;
  const path = '/grpc.health.v1.Health/Check';
  return (service: string) =>
    new Promise<unknown>((resolve) => {
      const request = bytesField(1, service);
      client.makeUnaryRequest(path, same, same, request, (error, bytes) => resolve(error ?? bytes));
    });
}

/** A connection that never says anything but that it is HTTP/2, and what comes over it. */
class SilentPeer {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  isClosed = false;

  constructor(port: number) {
    this.#socket = createConnection({ host: '127.0.0.1', port });
    this.#socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    this.#socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings]));
  }

  /** The types of the frames that have come. */
  get frames(): number[] {
    const types: number[] = [];
    for (let at = 0; at + 9 <= this.#received.length; ) {
      types.push(this.#received[at + 3] ?? -1);
      at += 9 + this.#received.readUIntBE(at, 3);
    }
    return types;
  }
}

const PING_FRAME = 6;
const SETTINGS_FRAME = 4;

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

  it('pings who says nothing, also without a call, and cuts off who does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    await using server = await TestServer.start();
    const peer = new SilentPeer(Number(server.address.split(':')[1]));
    const received = async (frame: number) => {
      while (!peer.frames.includes(frame)) await turn();
    };
    await received(SETTINGS_FRAME);
    vi.advanceTimersByTime(KEEPALIVE_MS - 1);
    for (let i = 0; i < 10; i++) await turn();
    expect(peer.frames).not.toContain(PING_FRAME);
    vi.advanceTimersByTime(1);
    await received(PING_FRAME);
    vi.advanceTimersByTime(KEEPALIVE_TIMEOUT_MS - 1);
    for (let i = 0; i < 10; i++) await turn();
    expect(peer.isClosed).toBe(false);
    vi.advanceTimersByTime(1);
    while (!peer.isClosed) await turn();
  });

  it('tells the health of every service that reflection lists, and of no other', async () => {
    const names = ['other.Service'];
    await using test = await TestServer.start({ names, methods: () => [] });
    const check = healthOf(test.address);
    for (const name of ['', 'playhead.v1.BrokerService', ...names]) {
      expect(await check(name), name).toEqual(varintField(1, 1));
    }
    expect(await check('no.Service')).toMatchObject({ code: status.NOT_FOUND });
  });
});
