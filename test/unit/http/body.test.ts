import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { readBody } from '../../../src/http/body.ts';
import { ByteBudget } from '../../../src/http/byte-budget.ts';
import { RawHttp } from '../../support/raw-http.ts';

/** A server that only reads bodies, of at most 20 bytes each and 30 bytes together. */
async function readingServer() {
  const budget = new ByteBudget(30, 'bodies');
  const outcomes: string[] = [];
  const server = createServer((request, response) => {
    readBody(request, 20, budget, (error, body) => {
      const outcome = error instanceof BrokerError ? error.reason : `${body?.toString()}`;
      outcomes.push(outcome);
      response.end(outcome);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    budget,
    outcomes,
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

it('counts what has come until it is whole', async () => {
  await using server = await readingServer();
  await using raw = await RawHttp.connect(server.address);
  raw.request('POST /', ['Content-Length: 10'], 'abcd');
  await expect.poll(() => server.budget.heldBytes).toBe(4);
  raw.write('efghij');
  await raw.until('abcdefghij');
  expect(server.budget.heldBytes).toBe(0);
});

it('holds nothing of who hangs up', async () => {
  await using server = await readingServer();
  const raw = await RawHttp.connect(server.address);
  raw.request('POST /', ['Content-Length: 10'], 'abcd');
  await expect.poll(() => server.budget.heldBytes).toBe(4);
  raw.hangUp();
  await expect.poll(() => server.outcomes).toEqual(['INVALID_ARGUMENT']);
  expect(server.budget.heldBytes).toBe(0);
});

it('refuses what is too large, and what would be too much with all others', async () => {
  await using server = await readingServer();
  await using first = await RawHttp.connect(server.address);
  first.request('POST /', ['Content-Length: 20'], 'x'.repeat(19));
  await expect.poll(() => server.budget.heldBytes).toBe(19);
  await using second = await RawHttp.connect(server.address);
  second.request('POST /', ['Content-Length: 20'], 'y'.repeat(12));
  await second.until('OVERLOADED');
  expect(server.budget.heldBytes).toBe(19);
  await using third = await RawHttp.connect(server.address);
  third.request('POST /', ['Transfer-Encoding: chunked'], `15\r\n${'z'.repeat(0x15)}\r\n0\r\n\r\n`);
  await third.until('REQUEST_TOO_LARGE');
  first.write('x');
  await first.until('x'.repeat(20));
  expect(server.budget.heldBytes).toBe(0);
});
