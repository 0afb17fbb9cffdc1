import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/storage/crc32c.ts';

describe('crc32c', () => {
  // From RFC 3720, B.4.
  it.each([
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    [Buffer.alloc(0), 0],
  ])('of %o is right', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is masked as LevelDB masks it', () => {
    // Of its own crc32c_test: the mask of a checksum is another one, and takes four bytes.
    expect(maskedCrc32c(Buffer.from('foo'))).toBe(
      (((0xcfc4ae1d >>> 15) | (0xcfc4ae1d << 17)) + 0xa282ead8) >>> 0,
    );
  });
});
