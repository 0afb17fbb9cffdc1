import { describe, expect, it } from 'vitest';
import { Guard } from '../../../src/http/guard.ts';

/** What a browser says when somebody has followed a link of another site. */
const LINK = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

describe('a guard', () => {
  it.each([
    [{ host: 'localhost:17778' }],
    [{ host: '127.0.0.1:17778', origin: 'http://127.0.0.1:17778' }],
    [{ host: '[::1]:17778' }],
    [{ host: 'playhead.localhost' }],
    [{ host: '10.0.0.7', 'content-type': 'text/plain' }],
    [{ host: 'localhost', ...LINK }],
  ])('takes %j', (headers) => {
    expect(new Guard().refusalOf(headers)).toBeUndefined();
  });

  it.each([
    [403, {}],
    [403, { host: 'evil.example:17778' }],
    [403, { host: 'localhost.evil.example' }],
    [403, { host: '127.0.0.1:17778', origin: 'http://127.0.0.1:9999' }],
    [403, { host: 'localhost', origin: 'null' }],
    [403, { host: 'localhost', 'sec-fetch-site': 'cross-site' }],
    [403, { host: 'localhost', ...LINK, 'sec-fetch-dest': 'iframe' }],
    [403, { host: 'localhost', ...LINK, origin: 'null' }],
    [415, { host: 'localhost', 'content-type': 'multipart/form-data; boundary=x' }],
    [415, { host: 'localhost', 'content-type': 'Application/X-WWW-Form-Urlencoded' }],
  ])('refuses with %i %j', (status, headers) => {
    expect(new Guard().refusalOf(headers)).toMatchObject({ status });
  });

  it('does not take a host for its own because the one before was', () => {
    const guard = new Guard();
    expect(guard.refusalOf({ host: 'localhost:1' })).toBeUndefined();
    expect(guard.refusalOf({ host: 'localhost:1' })).toBeUndefined();
    expect(guard.refusalOf({ host: 'evil.example' })).toMatchObject({ status: 403 });
  });
});

describe('a guard of a broker with names of its own', () => {
  const guard = new Guard(['broker.example.org', 'Tape']);

  it.each([
    [{ host: 'broker.example.org' }],
    [{ host: 'Broker.Example.Org', origin: 'https://broker.example.org' }],
    [{ host: 'tape:17778', origin: 'http://tape:17778' }],
    [{ host: 'localhost' }],
  ])('takes %j', (headers) => {
    expect(guard.refusalOf(headers)).toBeUndefined();
  });

  it.each([
    [{ host: 'example.org' }],
    [{ host: 'other.broker.example.org' }],
    [{ host: 'localhost:17778', origin: 'http://broker.example.org' }],
    [{ host: 'broker.example.org', origin: 'http://tape' }],
    [{ host: 'broker.example.org', origin: 'https://broker.example.org:8443' }],
  ])('refuses %j', (headers) => {
    expect(guard.refusalOf(headers)).toMatchObject({ status: 403 });
  });
});
