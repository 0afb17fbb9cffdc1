/** Protobuf by hand, so that a test can also write what no encoder writes. */

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

export function tag(field: number, wireType: number): Buffer {
  return varint((field << 3) | wireType);
}

/** A field of bytes, text or an embedded message. */
export function bytesField(field: number, ...content: (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([tag(field, 2), varint(bytes.length), bytes]);
}

export function varintField(field: number, value: bigint | number): Buffer {
  return Buffer.concat([tag(field, 0), varint(value)]);
}

/** A PublishRequest with these encoded messages. */
export function publishBytes(topic: string, ...messages: Buffer[]): Buffer {
  return Buffer.concat([bytesField(1, topic), ...messages.map((each) => bytesField(2, each))]);
}
