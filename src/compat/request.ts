import type { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { parseJson } from '../http/body.ts';
import type { Operation } from '../http/operation.ts';
import type { PublishAck } from '../log/append.ts';
import type { Log } from '../log/log.ts';
import { publish } from '../log/publish-request.ts';
import { RunBuilder } from '../log/run-builder.ts';

/** Of routes that take a body as JSON whatever its type is said to be, as the originals do; not that of a form. */
export const ANY_TYPE: Operation = {
  reasons: [],
  bodies: { '*/*': { description: 'JSON, whatever it is called.' } },
};

/** The body of a request with {@link ANY_TYPE}, held to a schema. Throws INVALID_ARGUMENT of the field `body`. */
export function bodyOf<Schema extends z.ZodType>(
  { body }: { readonly body: unknown },
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(Buffer.isBuffer(body) ? parseJson(body) : body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw invalidArgument('body', `${path === '' ? '' : `${path}: `}${issue?.message ?? ''}`);
}

/** Publishes one message without a key. */
export function publishValue(
  log: Log,
  topic: string,
  value: string | Uint8Array,
): Promise<PublishAck> {
  const messages = new RunBuilder(value.length + 64);
  messages.add({ key: '', value, headers: [] });
  return publish(log, {
    topic,
    run: messages.build(),
    largestBytes: messages.largestBytes,
    producer: '',
    sequence: 0n,
    crc: 0,
    expectedLastTimestampNs: undefined,
    close: undefined,
  });
}
