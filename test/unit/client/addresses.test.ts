import { describe, expect, it } from 'vitest';
import { parseAddresses } from '../../../clients/node/src/addresses.ts';

describe('parseAddresses', () => {
  it('takes one, a list, and several by comma', () => {
    expect(parseAddresses('a:1')).toEqual(['a:1']);
    expect(parseAddresses('a:1, b:2,')).toEqual(['a:1', 'b:2']);
    expect(parseAddresses(['a:1', 'b:2,c:3'])).toEqual(['a:1', 'b:2', 'c:3']);
  });

  it('adds the default port', () => {
    expect(parseAddresses('localhost,[::1],10.0.0.1')).toEqual([
      'localhost:17777',
      '[::1]:17777',
      '10.0.0.1:17777',
    ]);
  });

  it('leaves a target with a scheme as it is', () => {
    expect(parseAddresses('unix:/run/playhead.sock')).toEqual(['unix:/run/playhead.sock']);
  });

  it.each(['', ' , ', 'a:b', 'a:70000', '::1:17777', 'http://a:1'])('refuses %j', (address) => {
    expect(() => parseAddresses(address)).toThrow(TypeError);
  });
});
