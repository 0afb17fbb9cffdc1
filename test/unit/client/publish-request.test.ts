import { describe, expect, it } from 'vitest';
import { Batch } from '../../../clients/node/src/batch.ts';
import { PlayheadError } from '../../../clients/node/src/errors.ts';
import { PublishRequest } from '../../../clients/node/src/publish-request.ts';

const ack = { firstTimestampNs: 7n, lastTimestampNs: 9n, isDuplicate: false };

function requestOf(...values: string[]): PublishRequest {
  const request = new PublishRequest(new Batch(Batch.encodePrefix('t', 'p')));
  for (const value of values) request.batch.add(value);
  return request;
}

describe('PublishRequest', () => {
  it('gives each message its timestamp, also where nobody waits for the one before', async () => {
    const request = requestOf('a', 'b');
    const b = request.timestampOfLast();
    request.batch.add('c');
    const c = request.timestampOfLast();
    request.stored(ack);
    expect(await Promise.all([b, c])).toEqual([8n, 9n]);
  });

  it('tells its outcome to who asks before and to who asks after it is settled', async () => {
    const request = requestOf('a');
    const before = request.outcome();
    request.stored(ack);
    expect(await before).toEqual({ ack });
    expect(await requestThatIsStored().outcome()).toEqual({ ack });
    expect(await requestThatIsStored().acknowledgement()).toEqual(ack);
  });

  it('rejects all promises with its error', async () => {
    const request = requestOf('a');
    const promises = [request.timestampOfLast(), request.acknowledgement()];
    const error = new PlayheadError('CHANNEL_CLOSED', 'closed');
    request.failed(error);
    expect(await Promise.allSettled(promises)).toMatchObject([
      { reason: error },
      { reason: error },
    ]);
    expect(await request.outcome()).toEqual({ error });
  });
});

function requestThatIsStored(): PublishRequest {
  const request = requestOf('a');
  request.stored(ack);
  return request;
}
