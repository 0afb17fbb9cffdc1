import { describe, expect, it } from 'vitest';
import { brokerAddressFor } from '../../../src/compat/seaweedfs-address.ts';

const place = (listenAddress: string) => ({ advertiseAddress: undefined, listenAddress });

describe('what a client of SeaweedFS is told to dial', () => {
  it.each(['localhost:47777', 'Broker.example:1', '10.0.0.1:65535', '[::1]:47777', '[fe80::1]:1'])(
    'is %j if it has dialled that',
    (dialled) => {
      expect(brokerAddressFor(dialled, place('127.0.0.1:17777'))).toBe(dialled);
    },
  );

  it.each([
    ['broker', 'broker:17777'],
    ['10.0.0.1', '10.0.0.1:17777'],
    ['[::1]', '[::1]:17777'],
  ])('is the port of the broker at %j, which has none', (dialled, expected) => {
    expect(brokerAddressFor(dialled, place('127.0.0.1:17777'))).toBe(expected);
  });

  it.each([
    '',
    ':47777',
    'user@h:1',
    'a b',
    'a b:1',
    '0.0.0.0:47777',
    '0.0.0.0',
    '[::]:47777',
    '[::',
    '[x]:1',
    'h:0',
    'h:65536',
    'h:x',
    'h:',
    '::1',
    'x/y:1',
    `${'x'.repeat(254)}:1`,
  ])('is where the broker listens if it says %j', (dialled) => {
    expect(brokerAddressFor(dialled, place('10.1.2.3:17777'))).toBe('10.1.2.3:17777');
    expect(brokerAddressFor(dialled, place('0.0.0.0:17777'))).toBe('localhost:17777');
    expect(brokerAddressFor(dialled, place('[::]:17777'))).toBe('localhost:17777');
  });

  it.each(['localhost:1', '', 'broker'])(
    'is what is configured, whatever it says: %j',
    (dialled) => {
      const advertiseAddress = 'broker.example.org:443';
      expect(brokerAddressFor(dialled, { ...place('127.0.0.1:17777'), advertiseAddress })).toBe(
        advertiseAddress,
      );
    },
  );
});
