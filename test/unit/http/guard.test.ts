import { expect, it } from 'vitest';
import { refusalOf } from '../../../src/http/guard.ts';

it.each([
  [{ host: 'localhost:17778' }],
  [{ host: '127.0.0.1:17778', origin: 'http://127.0.0.1:17778' }],
  [{ host: '[::1]:17778' }],
  [{ host: 'playhead.localhost' }],
  [{ host: '10.0.0.7', 'content-type': 'text/plain' }],
])('%j is taken', (headers) => {
  expect(refusalOf(headers)).toBeUndefined();
});

it.each([
  [403, {}],
  [403, { host: 'evil.example:17778' }],
  [403, { host: 'localhost.evil.example' }],
  [403, { host: '127.0.0.1:17778', origin: 'http://127.0.0.1:9999' }],
  [403, { host: 'localhost', origin: 'null' }],
  [403, { host: 'localhost', 'sec-fetch-site': 'cross-site' }],
  [415, { host: 'localhost', 'content-type': 'multipart/form-data; boundary=x' }],
  [415, { host: 'localhost', 'content-type': 'Application/X-WWW-Form-Urlencoded' }],
])('with %i %j is refused', (status, headers) => {
  expect(refusalOf(headers)).toMatchObject({ status });
});
