import { describe, expect, it } from 'vitest';
import { formatBanner, invocationOf } from '../../../src/cli/banner.ts';

describe('formatBanner', () => {
  const facts = {
    grpcAddress: '127.0.0.1:17777',
    httpAddress: '127.0.0.1:17778',
    dataDir: '/data',
    durability: 'fsync',
  } as const;

  it('names address, directory, durability and three commands', () => {
    const banner = formatBanner(facts, 'npx playhead');
    expect(banner).toContain('127.0.0.1:17777');
    expect(banner).toContain('http://127.0.0.1:17778');
    expect(banner).toContain('/data');
    expect(banner).toContain('fsync');
    expect(banner.match(/^ {2}npx playhead (?:pub|sub|stat) greetings/gm)).toHaveLength(3);
  });

  it('puts an address that is not the default into the commands', () => {
    const banner = formatBanner({ ...facts, grpcAddress: '127.0.0.1:4000' }, 'playhead');
    expect(banner.match(/ --address 127\.0\.0\.1:4000 greetings/g)).toHaveLength(3);
  });

  it('says nothing of HTTP where there is none', () => {
    expect(formatBanner({ ...facts, httpAddress: undefined }, 'playhead')).not.toContain('HTTP');
  });

  it('says that memory forgets', () => {
    const banner = formatBanner({ ...facts, dataDir: undefined }, 'playhead');
    expect(banner).toContain('gone when the broker ends');
    expect(banner).not.toContain('/data');
  });
});

describe('invocationOf', () => {
  it.each([
    ['/usr/local/bin/playhead', '/home', {}, 'playhead'],
    ['/home/p/node_modules/.bin/playhead', '/home/p', { npm_command: 'exec' }, 'npx playhead'],
    ['/home/p/dist/cli/main.js', '/home/p', { npm_command: 'run-script' }, 'node dist/cli/main.js'],
    ['/home/p/dist/cli/main.js', '/home/p/test', {}, 'node ../dist/cli/main.js'],
    ['/home/a b/dist/cli/main.js', '/home', {}, 'node "a b/dist/cli/main.js"'],
  ])('%s in %s is called by what works there', (script, directory, env, expected) => {
    expect(invocationOf(script, directory, env)).toBe(expected);
  });
});
