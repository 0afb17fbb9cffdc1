import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LineParser } from '../../../clients/console/src/broker/line-parser.ts';
import {
  curlToPublish,
  curlToRead,
  quoteForShell,
} from '../../../clients/console/src/message/curl.ts';
import { hexLines } from '../../../clients/console/src/message/hex.ts';
import type { JsonMessage } from '../../../clients/console/src/message/message.ts';
import { bytesOf, messageOf, previewOf } from '../../../clients/console/src/message/message.ts';
import { matcherOf } from '../../../clients/console/src/message/message-filter.ts';
import { MessageWindow } from '../../../clients/console/src/message/message-window.ts';

function message(timestampNs: bigint, rest: Partial<JsonMessage> = {}) {
  return messageOf({
    topic: 'orders/eu',
    timestamp_ns: `${timestampNs}`,
    time: '',
    value: 'v',
    ...rest,
  });
}

describe('a message', () => {
  it('has the size of its value in bytes', () => {
    for (const value of ['', 'abc', 'äöü', '漢字', '😀 ok']) {
      expect(message(1n, { value }).sizeBytes).toBe(Buffer.byteLength(value));
    }
    for (const bytes of [[], [1], [1, 2], [255, 254, 253]]) {
      const value_base64 = Buffer.from(bytes).toString('base64');
      const read = messageOf({ topic: 't', timestamp_ns: '1', time: '', value_base64 });
      expect(read.sizeBytes).toBe(bytes.length);
      expect([...bytesOf(read.value)]).toEqual(bytes);
    }
  });

  it('is one line in a list, of bytes their digits', () => {
    expect(previewOf(message(1n, { value: 'a\nb\tc' }).value)).toBe('a b c');
    expect(previewOf({ text: undefined, base64: 'AP8=' })).toBe('00 ff');
  });

  it('is found by key, and by text in value and headers', () => {
    const found = message(1n, {
      key: 'Order-7',
      value: 'paid',
      headers: [{ name: 'by', value: 'Web' }],
    });
    expect(matcherOf({ key: 'order', text: '' })(found)).toBe(true);
    expect(matcherOf({ key: 'x', text: '' })(found)).toBe(false);
    expect(matcherOf({ key: '', text: 'PAID' })(found)).toBe(true);
    expect(matcherOf({ key: '', text: 'web' })(found)).toBe(true);
    expect(matcherOf({ key: '7', text: 'nothing' })(found)).toBe(false);
  });

  it('is a dump of its bytes', () => {
    const [first, second] = hexLines(Buffer.from('0123456789abcdef<\n'));
    expect(first).toEqual({
      offset: '00000000',
      bytes: '30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66',
      text: '0123456789abcdef',
    });
    expect(second).toEqual({ offset: '00000010', bytes: '3c 0a', text: '<.' });
  });
});

describe('curl', () => {
  it('is given every text as one word', () => {
    for (const text of ["it's", '$(rm -rf /)', 'a "b" `c`', '\\', 'ä\n']) {
      const shown = execFileSync('/bin/sh', ['-c', `printf %s ${quoteForShell(text)}`]);
      expect(shown.toString()).toBe(text);
    }
  });

  it('reads the message, and publishes it again', () => {
    const found = message(7n, { key: 'k', value: "it's", headers: [{ name: 'h', value: 'x' }] });
    expect(curlToRead('http://b', found)).toBe(
      "curl 'http://b/v1/topics/orders%2Feu/messages?from=7&limit=1'",
    );
    expect(curlToPublish('http://b', found)).toBe(
      `curl 'http://b/v1/topics/orders%2Feu/messages' --json '{"key":"k","value":"it'\\''s","headers":[{"name":"h","value":"x"}]}'`,
    );
  });
});

describe('the messages in view', () => {
  it('are no more than so many, and those that have left are counted', () => {
    const view = new MessageWindow(3);
    view.append([message(1n), message(2n)]);
    view.append([message(3n), message(4n), message(5n)]);
    expect(view.all().map((each) => each.timestampNs)).toEqual([3n, 4n, 5n]);
    expect(view.leftCount).toBe(2);
  });

  it('take no more than so much memory, but one that is larger is shown', () => {
    const view = new MessageWindow(100, 3000);
    view.append([1n, 2n, 3n].map((ns) => message(ns, { value: 'x'.repeat(1000) })));
    expect(view.all().map((each) => each.timestampNs)).toEqual([2n, 3n]);
    view.append([message(4n, { value: 'x'.repeat(9000) })]);
    expect(view.all().map((each) => each.timestampNs)).toEqual([4n]);
  });

  it('are found by time, and cut there', () => {
    const view = new MessageWindow();
    view.append([message(10n), message(20n), message(30n)]);
    expect([5n, 10n, 11n, 30n, 31n].map((ns) => view.indexAt(ns))).toEqual([0, 0, 1, 2, 3]);
    view.cutAt(20n);
    expect(view.length).toBe(1);
  });
});

describe('lines of a stream', () => {
  it('are whole, however the bytes come', () => {
    const bytes = Buffer.from('{"value":"ä"}\n{"event":"caught_up"}\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const lines = new LineParser();
      const parsed = [...lines.push(bytes.subarray(0, cut)), ...lines.push(bytes.subarray(cut))];
      expect(parsed).toEqual([{ value: 'ä' }, { event: 'caught_up' }]);
    }
  });
});
