import fc from 'fast-check';
import { Message } from 'playhead-proto';
import { expect, it } from 'vitest';
import { runOfFields } from '../../../src/log/message-run.ts';
import { RunBuilder } from '../../../src/log/run-builder.ts';

const content = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const messages = fc.array(
  fc.record({
    key: content,
    value: content,
    headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: content }), {
      maxLength: 3,
    }),
  }),
  { minLength: 1, maxLength: 10 },
);

it('makes the run that the messages make which the library has encoded', () => {
  fc.assert(
    fc.property(messages, fc.nat(3000), (all, expectedBytes) => {
      const builder = new RunBuilder(expectedBytes);
      for (const each of all) builder.add(each);
      const encoded = all.map(({ key, value, headers }) =>
        Message.encode({
          timestampNs: 0n,
          key: Buffer.from(key),
          value: Buffer.from(value),
          headers: headers.map((header) => ({ ...header, value: Buffer.from(header.value) })),
          isClose: false,
        }).finish(),
      );
      expect(builder.messageCount).toBe(all.length);
      expect(builder.largestBytes).toBe(Math.max(...encoded.map(({ length }) => length)));
      const { bytes, messageCount } = builder.build();
      expect(messageCount).toBe(all.length);
      expect(bytes.equals(runOfFields(encoded.map((each) => [each])).bytes)).toBe(true);
    }),
  );
});
