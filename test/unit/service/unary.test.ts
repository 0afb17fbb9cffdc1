import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { UnaryCall } from '../../../src/service/call.ts';
import { unary } from '../../../src/service/unary.ts';

function run(
  handle: (request: string) => string | Promise<string>,
  decode = (bytes: Buffer) => bytes.toString(),
) {
  const logged: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => logged.push(message) };
  const call: UnaryCall = {
    getPath: () => '/path',
    getHost: () => '',
    getPeer: () => 'peer',
    metadata: { get: () => [] },
    on: () => undefined,
  };
  const method = { path: '/path', responseSerialize: (text: string) => Buffer.from(text) };
  const { handle: answer } = unary({ logger }, method, decode, handle);
  return answer(Buffer.from('hello'), call).then(
    (response) => ({ error: null, response: response.toString(), logged }),
    (error: unknown) => ({ error, response: undefined, logged }),
  );
}

describe('unary', () => {
  it('answers with what the function returns or promises', async () => {
    expect(await run((request) => `${request}!`)).toMatchObject({
      error: null,
      response: 'hello!',
    });
    expect(await run(async () => 'later')).toMatchObject({ error: null, response: 'later' });
  });

  it('makes a status of what it throws, and logs no refusal', async () => {
    const refuse = () => {
      throw new BrokerError('CONFLICT', 'no');
    };
    const { error, logged } = await run(refuse);
    expect(error).toMatchObject({ code: status.ABORTED, message: 'no' });
    expect(logged).toEqual([]);
    expect((await run(async () => refuse())).error).toMatchObject({ code: status.ABORTED });
  });

  it('makes a status of what the decoder throws', async () => {
    const decode = () => {
      throw new BrokerError('MALFORMED', 'cut off');
    };
    const { error, logged } = await run((request) => request, decode);
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(logged).toEqual([]);
  });

  it('logs a bug and does not tell its text', async () => {
    const { error, logged } = await run(() => {
      throw new TypeError('x is not a function');
    });
    expect(error).toMatchObject({ code: status.INTERNAL });
    expect(String(error)).not.toContain('x is not');
    expect(logged).toEqual(['call failed']);
  });
});
