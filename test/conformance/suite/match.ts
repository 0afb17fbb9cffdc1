import { createHash } from 'node:crypto';
import { Bytes, bytesOf, type Fields, isFields, listOf, textOf } from './bytes.ts';
import { headerList } from './message-form.ts';

/**
 * Where an answer is not as a case expects it: `items[2].kind: expected "closed", got "end"`. Undefined if it is. Of
 * objects only what is named is looked at; lists are of the same length and order.
 */
export function difference(expected: unknown, actual: unknown, path = ''): string | undefined {
  const matcher = isFields(expected) ? matcherIn(expected) : undefined;
  if (matcher !== undefined) return matcher.check(matcher.argument, actual, path);
  if (actual instanceof Bytes) return bytesDifference(expected, actual, path);
  const list = listOf(expected);
  if (list !== undefined) return listDifference(list, actual, path);
  if (isFields(expected)) return fieldsDifference(expected, actual, path);
  if (expected === '$any')
    return actual === undefined ? told(path, 'something', actual) : undefined;
  if (expected === '$absent') return isEmpty(actual) ? undefined : told(path, 'nothing', actual);
  // What is empty or zero is left out of answers.
  if (isEmpty(expected) && isEmpty(actual)) return undefined;
  return same(expected, actual) ? undefined : told(path, show(expected), actual);
}

/** JSON numbers and decimal texts are the same to a case. */
function same(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'number' && typeof actual === 'string') return `${expected}` === actual;
  if (typeof expected === 'string' && typeof actual === 'number') return expected === `${actual}`;
  return expected === actual;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === '0') return true;
  return value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function bytesDifference(expected: unknown, actual: Bytes, path: string): string | undefined {
  if (expected === '$any')
    return actual.buffer.length > 0 ? undefined : told(path, 'bytes', actual);
  const bytes = bytesOf(expected);
  if (bytes === undefined) return told(path, show(expected), actual);
  return bytes.equals(actual) ? undefined : told(path, bytes.toString(), actual);
}

function listDifference(
  expected: readonly unknown[],
  actual: unknown,
  path: string,
): string | undefined {
  const list: readonly unknown[] = actual === undefined ? [] : (actual as readonly unknown[]);
  if (!Array.isArray(list)) return told(path, show(expected), actual);
  for (let i = 0; i < Math.min(expected.length, list.length); i++) {
    const found = difference(expected[i], list[i], `${path}[${i}]`);
    if (found !== undefined) return `${found}, in ${show(list)}`;
  }
  if (expected.length === list.length) return undefined;
  return told(path, `${expected.length}: ${show(expected)}`, list, `${list.length}: `);
}

function fieldsDifference(expected: Fields, actual: unknown, path: string): string | undefined {
  if (!isFields(actual)) {
    if (actual === undefined && Object.keys(expected).length === 0) return undefined;
    return told(path, show(expected), actual);
  }
  for (const [name, pattern] of Object.entries(expected)) {
    const inside = path === '' ? name : `${path}.${name}`;
    // A mapping of headers stands for their list.
    const isHeaders = name === 'headers' && isFields(pattern) && matcherIn(pattern) === undefined;
    const wanted = isHeaders
      ? headerList(pattern).map(([header, value]) => ({ name: header, value }))
      : pattern;
    const found = difference(wanted, actual[name], inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Check = (argument: unknown, actual: unknown, path: string) => string | undefined;

/** Written `{$name: argument}`; the README lists them. */
const MATCHERS: Readonly<Record<string, Check>> = {
  $gt: compare('more than', (a, b) => a > b),
  $gte: compare('at least', (a, b) => a >= b),
  $lt: compare('less than', (a, b) => a < b),
  $lte: compare('at most', (a, b) => a <= b),
  $between: (argument, actual, path) => {
    const [low, high] = argument as readonly unknown[];
    return MATCHERS['$gte']?.(low, actual, path) ?? MATCHERS['$lte']?.(high, actual, path);
  },
  $length: (argument, actual, path) => {
    const length = actual instanceof Bytes ? actual.buffer.length : (listOf(actual) ?? []).length;
    return difference(argument, length, `${path}.length`);
  },
  $matches: (argument, actual, path) => {
    const text = actual instanceof Bytes ? actual.buffer.toString('utf8') : textOf(actual);
    return new RegExp(String(argument), 'u').test(text)
      ? undefined
      : told(path, `what matches ${String(argument)}`, actual);
  },
  $md5: (argument, actual, path) => {
    const hash = createHash('md5');
    for (const each of listOf(argument) ?? []) hash.update(bytesOf(each)?.buffer ?? '');
    return difference(hash.digest('hex'), actual, path);
  },
  $oneOf: (argument, actual, path) => {
    const options = argument as readonly unknown[];
    const isOne = options.some((each) => difference(each, actual, path) === undefined);
    return isOne ? undefined : told(path, `one of ${show(options)}`, actual);
  },
  $not: (argument, actual, path) =>
    difference(argument, actual, path) === undefined
      ? told(path, `not ${show(argument)}`, actual)
      : undefined,
  $unordered: (argument, actual, path) => containment(argument, actual, path, true),
  $contains: (argument, actual, path) => containment(argument, actual, path, false),
  $ascending: (_, actual, path) => {
    const list = (Array.isArray(actual) ? actual : []).map((each) => BigInt(each as string));
    const at = list.findIndex((each, i) => i > 0 && each <= (list[i - 1] ?? 0n));
    return at === -1 ? undefined : told(`${path}[${at}]`, `more than ${list[at - 1]}`, list[at]);
  },
};

function matcherIn(expected: Fields): { check: Check; argument: unknown } | undefined {
  const [name = '', ...others] = Object.keys(expected);
  if (others.length > 0 || !name.startsWith('$')) return undefined;
  const check = MATCHERS[name];
  if (check === undefined) throw new TypeError(`there is no matcher ${name}`);
  return { check, argument: expected[name] };
}

/** Numbers and timestamps, which are decimal texts; what is left out is 0. */
function compare(words: string, holds: (a: bigint, b: bigint) => boolean): Check {
  return (argument, actual, path) => {
    const given = typeof actual === 'string' || typeof actual === 'number' ? actual : 0;
    const isSo = holds(BigInt(given), BigInt(argument as string));
    return isSo ? undefined : told(path, `${words} ${String(argument)}`, actual);
  };
}

function containment(
  argument: unknown,
  actual: unknown,
  path: string,
  isAll: boolean,
): string | undefined {
  const wanted = listOf(argument) ?? [];
  const left: unknown[] = Array.isArray(actual) ? [...actual] : [];
  if (isAll && left.length !== wanted.length) {
    return told(path, `${wanted.length}: ${show(wanted)}`, actual, `${left.length}: `);
  }
  for (const each of wanted) {
    const at = left.findIndex((one) => difference(each, one) === undefined);
    if (at === -1) return told(path, `${show(each)} among them`, actual);
    left.splice(at, 1);
  }
  return undefined;
}

function told(path: string, expected: string, actual: unknown, prefix = ''): string {
  const where = path === '' ? '' : `${path}: `;
  return `${where}expected ${expected}, got ${prefix}${show(actual)}`;
}

/** For people, and not too long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Bytes) return value.toString();
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint' ? `${each}` : each,
  ).replaceAll(/"\\"(.*?)\\""/g, '"$1"');
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
