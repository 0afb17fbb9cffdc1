import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliBroker } from '../support/cli.ts';

let broker: CliBroker;

beforeAll(async () => {
  broker = await CliBroker.start();
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const json = async (...args: string[]) => JSON.parse(await broker.ok(['--json', ...args]));

describe('playhead create, update and stat', () => {
  it('set, change and show the settings of a topic', async () => {
    await broker.ok(['create', 'made', '--max-age', '7d', '--max-bytes', '1GiB']);
    expect((await json('stat', 'made')).config).toEqual({
      max_age_ms: 604_800_000,
      max_bytes: 1_073_741_824,
      max_messages: 0,
      max_message_bytes: 1_048_576,
      trim_consumed: false,
    });
    const updated = await json('update', 'made', '--max-age', 'none', '--max-messages', '10');
    expect(updated.config).toMatchObject({
      max_age_ms: 0,
      max_bytes: 1_073_741_824,
      max_messages: 10,
    });
    expect(await broker.ok(['stat', 'made'])).toMatch(/^max age {2,}no limit$/m);
  });

  it('show messages and times', async () => {
    const first = (await broker.ok(['pub', 'filled', 'a', 'b'])).split('\n')[0];
    const text = await broker.ok(['stat', 'filled']);
    expect(text).toMatch(/^messages {2,}2$/m);
    expect(text).toMatch(new RegExp(`^first {2,}${first?.replaceAll('.', '\\.')}$`, 'm'));
    expect(await json('stat', 'filled')).toMatchObject({
      state: 'open',
      message_count: 2,
      closed: null,
    });
  });

  it('refuse a topic that exists with another configuration', async () => {
    await broker.ok(['create', 'twice', '--max-messages', '1']);
    await broker.ok(['create', 'twice', '--max-messages', '1']);
    expect((await broker.run(['create', 'twice', '--max-messages', '2'])).exitCode).toBe(3);
  });

  it('end with 2 when there is nothing to change', async () => {
    expect((await broker.run(['update', 'made'])).exitCode).toBe(2);
  });
});

describe('playhead close', () => {
  it('closes once, and says the same when asked again', async () => {
    await broker.ok(['pub', 'closing', 'a']);
    const first = await broker.ok(['close', 'closing', '--reason', 'enough']);
    expect(first).toMatch(/^closing closed at \S+Z: 1 message, enough\n$/);
    expect(await broker.ok(['close', 'closing', '--reason', 'other'])).toBe(first);
    expect(await json('stat', 'closing')).toMatchObject({
      state: 'closed',
      closed: { message_count: 1, reason: 'enough' },
    });
  });
});

describe('playhead trim', () => {
  it('removes what is older, and echoes the time with --verbose', async () => {
    const times = (await broker.ok(['pub', 'trim', 'a', 'b', 'c'])).trimEnd().split('\n');
    const { stdout, stderr } = await broker.run([
      'trim',
      'trim',
      '--before',
      times[2] ?? '',
      '--verbose',
    ]);
    expect(stdout).toBe(`trim trimmed before ${times[2]}: 1 message left\n`);
    expect(stderr).toBe(`trimming trim before ${times[2]}\n`);
    expect(await broker.ok(['sub', 'trim', '--no-follow', '--from', 'earliest'])).toBe('c\n');
    expect(await broker.ok(['trim', 'trim', '--before', '-1h'])).toContain(': 1 message left');
  });

  it('ends with 2 without a clear time', async () => {
    for (const args of [[], ['--before', '1763719200']]) {
      expect((await broker.run(['trim', 'trim', ...args])).exitCode).toBe(2);
    }
  });
});

describe('playhead rm', () => {
  it('deletes with --yes, and refuses where nobody can be asked', async () => {
    await broker.ok(['pub', 'removed', 'a']);
    const { exitCode, stderr } = await broker.run(['rm', 'removed']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('playhead: rm removed: needs --yes where nobody can be asked\n');
    expect(await broker.ok(['rm', 'removed', '--yes'])).toBe('removed deleted\n');
    expect((await broker.run(['stat', 'removed'])).exitCode).toBe(4);
  });
});

describe('playhead ls', () => {
  it('lists what matches, with tabs where nobody watches', async () => {
    await broker.ok(['pub', 'list/a', 'x', 'y']);
    await broker.ok(['close', 'list/b']);
    const rows = (await broker.ok(['ls', 'list/*'])).trimEnd().split('\n');
    expect(rows.map((row) => row.split('\t').slice(0, 3))).toEqual([
      ['list/a', 'open', '2'],
      ['list/b', 'closed', '0'],
    ]);
    expect(await broker.ok(['ls', 'no/such/*'])).toBe('');
  });

  it('lists in JSON, one topic a line', async () => {
    const lines = (await broker.ok(['ls', '--json'])).trimEnd().split('\n');
    const names = lines.map((line): string => JSON.parse(line).topic);
    expect(names).toContain('list/a');
    expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
  });
});

describe('an unknown topic', () => {
  it.each([
    ['stat', []],
    ['update', ['--max-messages', '1']],
    ['trim', ['--before', '-1h']],
    ['rm', ['--yes']],
  ])('ends %s with 4', async (command, options) => {
    const { exitCode, stderr } = await broker.run(['--json', command, 'unknown', ...options]);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stderr).error).toMatchObject({ reason: 'TOPIC_NOT_FOUND', exit_code: 4 });
  });
});
