import { readFileSync } from 'node:fs';
import { isRetryableReason } from 'playhead-proto';
import { describe, expect, it } from 'vitest';

const COMMENTED_RPC = /((?: *\/\/.*\n)*) *rpc (\w+)\(/g;

const rpcs = ['broker', 'topic', 'subscription', 'schedule'].flatMap((name) => {
  const path = new URL(`../../../proto/playhead/v1/${name}.proto`, import.meta.url);
  const found = readFileSync(path, 'utf8').matchAll(COMMENTED_RPC);
  return [...found].map(([, comment = '', rpc = '']) => [rpc, comment] as const);
});

describe('the comment of an RPC', () => {
  it('is found for all of them', () => {
    expect(rpcs).toHaveLength(29);
  });

  it.each(rpcs)('of %s lists its errors, by reasons that there are', (_, comment) => {
    const errors = comment.replaceAll(/\s*\/\/ ?/g, ' ').split('Errors: ')[1] ?? '';
    const named = errors.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    for (const reason of named) expect(Object.keys(isRetryableReason)).toContain(reason);
    expect(named.length > 0 || errors.startsWith('none of its own')).toBe(true);
  });
});
