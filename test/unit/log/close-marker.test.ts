import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeCloseMarker, encodeCloseMarker } from '../../../src/log/close-marker.ts';

it('a close marker comes back as it was written', () => {
  const checksum = fc
    .constantFrom(0, 16)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), checksum, (reason, bytes) => {
      const marker = { reason, checksum: Buffer.from(bytes) };
      const decoded = decodeCloseMarker(encodeCloseMarker(marker), 5n, 7n);
      expect(decoded).toEqual({ ...marker, timestampNs: 5n, messageCount: 7n });
    }),
  );
});
