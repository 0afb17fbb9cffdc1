import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Checksum } from '../../../clients/node/src/checksum.ts';

const md5 = (values: readonly Uint8Array[]) =>
  createHash('md5').update(Buffer.concat(values)).digest('hex');

describe('Checksum', () => {
  it('is the MD5 of the values in order, however they are sized', () => {
    const sizes = fc.oneof(fc.nat(300), fc.nat(40_000), fc.constantFrom(0, 32_767, 32_768, 32_769));
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 12 }), (lengths) => {
        const values = lengths.map((length, i) => Buffer.alloc(length, i + 1));
        const checksum = new Checksum();
        for (const value of values) checksum.update(value);
        expect(checksum.digest().toString('hex')).toBe(md5(values));
      }),
    );
  });

  it('goes on after a digest, and looks ahead without taking', () => {
    const [a, b] = [Buffer.from('a'), Buffer.from('b')];
    const checksum = new Checksum();
    checksum.update(a);
    expect(checksum.digest([b]).toString('hex')).toBe(md5([a, b]));
    expect(checksum.digest().toString('hex')).toBe(md5([a]));
    checksum.update(b);
    expect(checksum.digest().toString('hex')).toBe(md5([a, b]));
  });

  it('does not keep a view of the value', () => {
    const value = Buffer.from('a');
    const checksum = new Checksum();
    checksum.update(value);
    value.fill('z');
    expect(checksum.digest().toString('hex')).toBe(md5([Buffer.from('a')]));
  });
});
