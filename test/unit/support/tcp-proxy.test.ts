import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { TcpProxy } from '../../support/tcp-proxy.ts';

it('closes although it was stalled when the broker went, and holds something back of the client', async () => {
  const broker = createServer().listen(0, '127.0.0.1');
  await once(broker, 'listening');
  const proxy = await TcpProxy.start(`127.0.0.1:${(broker.address() as AddressInfo).port}`);
  const accepted = once(broker, 'connection');
  const client = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
  const [link] = (await accepted) as [Socket];
  client.write('passes');
  await once(link, 'data');
  proxy.stall();
  client.write('is held back');
  link.resetAndDestroy();
  client.resume();
  await once(client, 'end');
  proxy.repair();
  await proxy[Symbol.asyncDispose]();
  client.destroy();
  broker.close();
  expect(proxy.connectionCount).toBe(1);
}, 5000);
