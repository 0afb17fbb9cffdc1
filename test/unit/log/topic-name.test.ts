import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGlob, checkTopicName, compileGlob, isGlob } from '../../../src/log/topic-name.ts';

const refusal = expect.objectContaining({
  reason: 'INVALID_ARGUMENT',
  metadata: { field: 'topic' },
});

const BAD_NAMES = [
  '',
  '.',
  '..',
  '/',
  'a/',
  '/a',
  'a//b',
  'a..b',
  'a/../b',
  'a/.',
  '.a',
  'a.',
  'a/.b',
  'a b',
  'a\tb',
  'a\n',
  'a\u0000',
  'a\u007f',
  'ä',
  '\u{1f600}',
  ...[...'?[]{}\\"#%'].map((character) => `a${character}b`),
  'a'.repeat(256),
];

describe('checkTopicName', () => {
  it.each([
    'a',
    'ns1/topic1',
    'chan/some_chan',
    'a.b.c',
    'A-Z_0~9',
    "!$&'()+,:;<=>@^`|",
    'a'.repeat(255),
  ])('takes %s', (name) => {
    expect(() => checkTopicName(name)).not.toThrow();
  });

  it.each(
    [...BAD_NAMES, '*', '**', 'a/*', 'a*b'].map((name) => [
      JSON.stringify(name.slice(0, 20)),
      name,
    ]),
  )('refuses %s', (_, name) => {
    expect(() => checkTopicName(name)).toThrow(refusal);
  });

  it('takes exactly the characters of the contract', () => {
    const forbidden = ' *?[]{}\\"#%';
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      const isAllowed = code > 0x20 && code < 0x7f && !forbidden.includes(character);
      const check = () => checkTopicName(`a${character}b`);
      if (isAllowed) expect(check, character).not.toThrow();
      else expect(check, character).toThrow(refusal);
    }
  });

  it('names the length of a name that is too long, in bytes', () => {
    expect(() => checkTopicName('ä'.repeat(128))).toThrow(/has 256 bytes.*at most 255/);
  });
});

describe('checkGlob', () => {
  it.each(['*', '**', 'a/*', '*/a', 'a.*.b', '**/b', 'a/**/b', 'a'])('takes %s', (glob) => {
    expect(() => checkGlob(glob)).not.toThrow();
  });

  it.each(
    [...BAD_NAMES, 'a*', '*a', '***', 'a/b*', 'a/**b', '*/', '**/'].map((glob) => [
      JSON.stringify(glob.slice(0, 20)),
      glob,
    ]),
  )('refuses %s', (_, glob) => {
    expect(() => checkGlob(glob)).toThrow(refusal);
  });
});

it('a refusal says which rule was broken', () => {
  expect(() => checkGlob('or*')).toThrow(/the token "or\*": \* and \*\* stand for whole tokens/);
  expect(() => checkTopicName('a/../b')).toThrow(/has "\.\." between slashes/);
  expect(() => checkTopicName('a//b')).toThrow(/has an empty token/);
});

it('a glob is known by its star', () => {
  expect(['a', 'a/*', '**', 'a*b'].map(isGlob)).toEqual([false, true, true, true]);
});

/** Tokens, each with the separator before it. */
function tokens(name: string): { separator: string; token: string }[] {
  return [...name.matchAll(/([/.]?)([^/.]+)/g)].map(([, separator = '', token = '']) => ({
    separator,
    token,
  }));
}

/** By trying everything: a star is one token behind the same separator, two stars are any tokens. */
function matchesNaively(glob: string, name: string): boolean {
  const [pattern, wanted] = [tokens(glob), tokens(name)];
  const match = (p: number, t: number): boolean => {
    const part = pattern[p];
    if (part === undefined) return t === wanted.length;
    if (part.token === '**') {
      return Array.from({ length: wanted.length - t + 1 }, (_, skipped) => skipped).some(
        (skipped) => match(p + 1, t + skipped),
      );
    }
    const token = wanted[t];
    if (token === undefined) return false;
    const fitsSeparator = t === 0 || token.separator === part.separator;
    return (
      fitsSeparator && (part.token === '*' || part.token === token.token) && match(p + 1, t + 1)
    );
  };
  return match(0, 0);
}

describe('compileGlob', () => {
  it.each([
    ['orders/*', 'orders/eu', true],
    ['orders/*', 'orders', false],
    ['orders/*', 'orders/eu/1', false],
    ['orders/*', 'orders.eu', false],
    ['orders/**', 'orders/eu/1', true],
    ['orders/**', 'orders', true],
    ['orders/**', 'orders2', false],
    ['**', 'anything/at.all', true],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x', true],
    ['**/x', 'a/b.x', false],
    ['a/*/c', 'a/b/c', true],
    ['a/**/c', 'a/c', true],
    ['a/**/c', 'a/b/b/c', true],
    ['a/**/c', 'a/b/b', false],
    ['a.b', 'a.b', true],
    ['a.b', 'a/b', false],
  ])('%s on %s: %s', (glob, name, expected) => {
    expect(compileGlob(glob)(name)).toBe(expected);
    expect(matchesNaively(glob, name)).toBe(expected);
  });

  it('matches as a naive matcher does', () => {
    const token = fc.constantFrom('a', 'b', 'ab');
    const named = (part: fc.Arbitrary<string>, maxLength: number) =>
      fc
        .array(fc.tuple(fc.constantFrom('/', '.'), part), { minLength: 1, maxLength })
        .map((parts) => parts.flat().join('').slice(1));
    const glob = named(fc.oneof(token, fc.constantFrom('*', '**')), 7);
    fc.assert(
      fc.property(glob, named(token, 8), (pattern, name) => {
        expect(compileGlob(pattern)(name)).toBe(matchesNaively(pattern, name));
      }),
      { numRuns: 3000 },
    );
  });

  it('does not take long for a glob that is made to', () => {
    const matches = compileGlob(`${'**/a/'.repeat(50)}b`);
    const name = Array.from({ length: 127 }, () => 'a').join('/');
    expect(matches(name)).toBe(false);
    expect(matches(`${name.slice(0, 201)}/b`)).toBe(true);
  });
});
