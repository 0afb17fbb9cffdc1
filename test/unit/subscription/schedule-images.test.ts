import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { SCHEDULE_CHUNK_BYTES } from '../../../src/limits.ts';
import { encodeImageEntry, findImage } from '../../../src/subscription/schedule-entry.ts';
import { ScheduleImages } from '../../../src/subscription/schedule-images.ts';

// So small that chunks fill up and are given up in a few steps.
vi.mock('../../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  SCHEDULE_CHUNK_BYTES: 400,
}));

function put(images: ScheduleImages, id: string, image: Buffer): number {
  const entry = Buffer.from(encodeImageEntry(id, image));
  const found = findImage(entry);
  if (found === undefined) throw new Error('it is not an entry with an image');
  return images.put(entry, found);
}

const find = (images: ScheduleImages, id: string) => images.find(Buffer.from(id, 'latin1'));

/** Everything that is in there, by id. */
function contents(images: ScheduleImages): Map<string, string> {
  const all = new Map<string, string>();
  for (let place = 0; place < images.placeCount; place++) {
    if (images.has(place)) all.set(images.id(place), images.image(place).toString());
  }
  return all;
}

describe('ScheduleImages', () => {
  it('keeps what a map would, at places that stay the same', () => {
    const id = fc.nat({ max: 30 }).map((n) => `id-${n}`);
    const put1 = fc.record({ id, bytes: fc.nat({ max: 150 }) });
    const step = fc.oneof(put1, put1, fc.record({ id }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const images = new ScheduleImages();
        const expected = new Map<string, string>();
        const places = new Map<string, number>();
        steps.forEach((each, i) => {
          if ('bytes' in each) {
            const image = `${i}`.padEnd(each.bytes, '.');
            const place = put(images, each.id, Buffer.from(image));
            expect(place).toBe(places.get(each.id) ?? place);
            places.set(each.id, place);
            expected.set(each.id, image);
          } else {
            const place = find(images, each.id);
            expect(place).toBe(places.get(each.id));
            if (place !== undefined) images.remove(place);
            places.delete(each.id);
            expected.delete(each.id);
          }
          expect(images.size).toBe(expected.size);
        });
        expect(new Map([...contents(images)].sort())).toEqual(new Map([...expected].sort()));
        for (const [key, place] of places) expect(find(images, key)).toBe(place);
        expect(new Set(places.values()).size).toBe(places.size);
      }),
    );
  });

  it('finds each of many', () => {
    const images = new ScheduleImages();
    for (let i = 0; i < 5000; i++) put(images, `id-${i}`, Buffer.from(`image ${i}`));
    for (let i = 0; i < 5000; i += 2) images.remove(find(images, `id-${i}`) ?? -1);
    for (let i = 0; i < 5000; i++) {
      const place = find(images, `id-${i}`);
      const image = place === undefined ? undefined : images.image(place).toString();
      expect(image).toBe(i % 2 === 0 ? undefined : `image ${i}`);
    }
  });

  it('gives back the room of what is removed or replaced, also of what is larger than a chunk', () => {
    const images = new ScheduleImages();
    const large = Buffer.alloc(3 * SCHEDULE_CHUNK_BYTES, '.');
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 20; i++) put(images, `id-${i}`, Buffer.alloc(40 + round, '.'));
      put(images, 'large', Buffer.concat([large, Buffer.alloc(round)]));
    }
    // A quarter of each chunk is in use at least, but for the last one.
    expect(images.reservedBytes).toBeLessThan(
      4 * images.bytes + 20 * 16 * 4 + SCHEDULE_CHUNK_BYTES,
    );
    for (const id of contents(images).keys()) images.remove(find(images, id) ?? -1);
    expect(images.bytes).toBe(0);
    expect(images.reservedBytes).toBeLessThanOrEqual(SCHEDULE_CHUNK_BYTES);
  });

  it('says that a place is empty', () => {
    const images = new ScheduleImages();
    const place = put(images, 'id', Buffer.from('image'));
    images.remove(place);
    expect(images.has(place)).toBe(false);
    expect(() => images.image(place)).toThrow(RangeError);
  });
});
