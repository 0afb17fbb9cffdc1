import { describe, expect, it } from 'vitest';
import type { ConfigSources } from '../../src/config.ts';
import { ConfigError, loadConfig, parseByteSize, settings } from '../../src/config.ts';
import { MESSAGE_BYTES_DEFAULT } from '../../src/limits.ts';

const HOME = { HOME: '/home/ada' };

function load(sources: Partial<ConfigSources> & { file?: string }) {
  return loadConfig({
    flags: sources.file === undefined ? {} : { config: 'broker.yaml' },
    env: HOME,
    readFile: () => sources.file ?? '',
    ...sources,
    ...(sources.file !== undefined && { flags: { config: 'broker.yaml', ...sources.flags } }),
  });
}

const problemOf = (sources: Partial<ConfigSources> & { file?: string }): string => {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
};

describe('loadConfig', () => {
  it('has a default for every setting', () => {
    expect(load({})).toEqual({
      grpcAddress: '127.0.0.1:17777',
      httpAddress: '127.0.0.1:17778',
      httpHosts: [],
      advertiseAddress: undefined,
      dataDir: '/home/ada/.local/share/playhead',
      memory: false,
      durability: 'fsync',
      maxMessageBytes: MESSAGE_BYTES_DEFAULT,
      autoCreateTopics: true,
      queueIdleExpiry: 0,
      gophermqMaxPending: 10,
      gophermqSubscriberTtl: 600_000,
      logLevel: 'info',
    });
  });

  it('takes the command line before the environment, that before the file', () => {
    const file = 'durability: os\nlog-level: warn\nmax-message-bytes: 2MiB';
    const env = { ...HOME, PLAYHEAD_LOG_LEVEL: 'error', PLAYHEAD_MAX_MESSAGE_BYTES: '3MiB' };
    const { durability, logLevel, maxMessageBytes } = load({
      file,
      env,
      flags: { maxMessageBytes: '4MiB' },
    });
    expect({ durability, logLevel, maxMessageBytes }).toEqual({
      durability: 'os',
      logLevel: 'error',
      maxMessageBytes: 4 * 1024 ** 2,
    });
  });

  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['7d', 604_800_000],
  ])('understands the duration %s', (text, ms) => {
    expect(load({ flags: { queueIdleExpiry: text } }).queueIdleExpiry).toBe(ms);
  });

  it('refuses a duration without a unit', () => {
    expect(problemOf({ flags: { queueIdleExpiry: '5' } })).toBe(
      '--queue-idle-expiry 5: must be a duration with a unit (ms, s, m, h, d), for example 500ms or 7d',
    );
  });

  it.each(['1', 1_000_000_000, ' 25 '])('understands the number %j', (given) => {
    const { gophermqMaxPending } = load({ file: `gophermq-max-pending: ${given}` });
    expect(gophermqMaxPending).toBe(Number(given));
    const env = { ...HOME, PLAYHEAD_GOPHERMQ_MAX_PENDING: String(given) };
    expect(load({ env }).gophermqMaxPending).toBe(Number(given));
  });

  it.each(['0', '-1', '1.5', '1e3', 'ten', '1000000001', '9'.repeat(30)])(
    'refuses the number %s',
    (gophermqMaxPending) => {
      expect(problemOf({ flags: { gophermqMaxPending } })).toBe(
        `--gophermq-max-pending ${gophermqMaxPending}: must be a whole number from 1 to 1000000000`,
      );
    },
  );

  it('takes an address that clients are told to dial', () => {
    const address = 'broker.example.org:17777';
    const taken = { advertiseAddress: address };
    expect(load({ flags: { advertiseAddress: address } })).toMatchObject(taken);
    expect(load({ env: { ...HOME, PLAYHEAD_ADVERTISE_ADDRESS: address } })).toMatchObject(taken);
    expect(load({ file: `advertise-address: ${address}` })).toMatchObject(taken);
  });

  it.each(['broker', ':1', 'h:0', 'h:65536', '0.0.0.0:1', 'user@h:1', 'a b:1'])(
    'refuses the address %j for clients to dial',
    (advertiseAddress) => {
      expect(problemOf({ flags: { advertiseAddress } })).toBe(
        `--advertise-address ${advertiseAddress}: must be HOST:PORT, a host that clients reach and a port from 1 to 65535, for example broker.example.org:17777; or none`,
      );
    },
  );

  it('reads the file that PLAYHEAD_CONFIG names', () => {
    const read: string[] = [];
    const { memory } = loadConfig({
      flags: {},
      env: { ...HOME, PLAYHEAD_CONFIG: '/etc/playhead.yaml' },
      readFile: (path) => {
        read.push(path);
        return 'memory: true';
      },
    });
    expect(read).toEqual(['/etc/playhead.yaml']);
    expect(memory).toBe(true);
  });

  it('keeps data in XDG_DATA_HOME if that is absolute', () => {
    expect(load({ env: { ...HOME, XDG_DATA_HOME: '/data' } }).dataDir).toBe('/data/playhead');
    expect(load({ env: { ...HOME, XDG_DATA_HOME: 'data' } }).dataDir).toBe(
      '/home/ada/.local/share/playhead',
    );
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %s from the environment as a switch', (text, expected) => {
    expect(load({ env: { ...HOME, PLAYHEAD_AUTO_CREATE_TOPICS: text } }).autoCreateTopics).toBe(
      expected,
    );
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(
      load({ env: { ...HOME, PLAYHEAD_DURABILITY: '', PLAYHEAD_CONFIG: '' } }).durability,
    ).toBe('fsync');
  });

  it.each(['127.0.0.1:0', 'localhost:17777', '[::1]:17777', 'broker.example.org:65535'])(
    'takes the address %s',
    (grpcAddress) => {
      expect(load({ flags: { grpcAddress } }).grpcAddress).toBe(grpcAddress);
    },
  );

  it.each([
    '',
    'localhost',
    ':17777',
    '::1:17777',
    'localhost:',
    'localhost:65536',
    'a b:1',
    'a:1/x',
  ])('refuses the address "%s"', (grpcAddress) => {
    expect(problemOf({ flags: { grpcAddress } })).toMatch(/^--grpc-address .*: must be HOST:PORT/);
  });
});

describe('the message of a ConfigError', () => {
  it('names flag, value and rule', () => {
    expect(problemOf({ flags: { durability: 'maybe' } })).toBe(
      '--durability maybe: must be one of fsync, os',
    );
  });

  it('names variable, value and rule', () => {
    expect(problemOf({ env: { ...HOME, PLAYHEAD_MEMORY: 'maybe' } })).toBe(
      'PLAYHEAD_MEMORY=maybe: must be true or false',
    );
  });

  it('names file, key, value and rule', () => {
    expect(problemOf({ file: 'max-message-bytes: 1MB' })).toBe(
      'broker.yaml: max-message-bytes: "1MB": must be a size from 1 B to 64 MiB, for example 512KiB or 1MiB',
    );
  });

  it('names every broken rule', () => {
    expect(problemOf({ flags: { durability: 'x', logLevel: 'y' } }).split('; ')).toHaveLength(2);
  });

  it.each([
    [
      'a key that is nearly one',
      'datadir: /x',
      'broker.yaml: datadir: no such setting; did you mean data-dir?',
    ],
    [
      'any other key',
      'colour: red',
      /^broker\.yaml: colour: no such setting; the settings are grpc-address, /,
    ],
    ['a list', '- 1', /^broker\.yaml: must hold settings/],
    ['a setting without value', 'data-dir:', /^broker\.yaml: data-dir: null: must be a path/],
    ['broken YAML', 'a: [', /^broker\.yaml: /],
  ])('explains %s', (_what, file, expected) => {
    expect(problemOf({ file })).toMatch(expected);
  });

  it('explains a file that cannot be read', () => {
    const readFile = () => {
      throw new Error('ENOENT: no such file or directory');
    };
    expect(problemOf({ flags: { config: 'gone.yaml' }, readFile })).toBe(
      'gone.yaml: ENOENT: no such file or directory',
    );
  });

  it('explains a misspelt variable', () => {
    expect(problemOf({ env: { ...HOME, PLAYHEAD_DATADIR: '/x' } })).toBe(
      'PLAYHEAD_DATADIR: no such setting; did you mean PLAYHEAD_DATA_DIR?',
    );
  });

  it('leaves alone the variables that Kubernetes sets, and those of the clients', () => {
    const env = {
      ...HOME,
      PLAYHEAD_SERVICE_HOST: '10.0.0.1',
      PLAYHEAD_PORT: 'tcp://10.0.0.1:17777',
    };
    expect(
      problemOf({ env: { ...env, PLAYHEAD_ADDRESS: 'a:1', PLAYHEAD_HTTP_ADDRESS: 'b:1' } }),
    ).toBe('none');
  });
});

describe('an address of HTTP', () => {
  it('may be off', () => {
    expect(load({ flags: { httpAddress: 'off' } }).httpAddress).toBeUndefined();
    expect(problemOf({ flags: { httpAddress: 'here' } })).toMatch(/^--http-address .*, or off/);
  });
});

describe('hosts of HTTP', () => {
  it('are names, separated by commas, in the file also as a list', () => {
    const names = ['broker.example.org', 'tape'];
    expect(load({ flags: { httpHosts: 'Broker.Example.org, tape' } }).httpHosts).toEqual(names);
    const env = { ...HOME, PLAYHEAD_HTTP_HOSTS: 'broker.example.org,tape' };
    expect(load({ env }).httpHosts).toEqual(names);
    expect(load({ file: 'http-hosts: [broker.example.org, tape]' }).httpHosts).toEqual(names);
    expect(load({ file: 'http-hosts: broker.example.org,tape' }).httpHosts).toEqual(names);
  });

  it.each(['http://broker', 'broker:80', 'a,,b', '*', 'a b', 'ä'])('are not %j', (text) => {
    expect(problemOf({ flags: { httpHosts: text } })).toContain('--http-hosts');
  });
});

describe('settings', () => {
  it('names every setting alike on the command line, in the environment and in the file', () => {
    const names = settings.map(({ flags, environmentName, fileKey }) => [
      flags.split(' ')[0]?.replace(/^--(?:no-)?/, ''),
      environmentName.replace('PLAYHEAD_', '').replaceAll('_', '-').toLowerCase(),
      fileKey,
    ]);
    for (const [flag, variable, key] of names) {
      expect(flag).toBe(key);
      expect(variable).toBe(key);
    }
    expect(names).toHaveLength(13);
  });
});

describe('parseByteSize', () => {
  it.each([
    ['0', 0],
    ['65536', 65_536],
    [65_536, 65_536],
    ['512B', 512],
    ['1.5KiB', 1536],
    ['1 MiB', 1_048_576],
    ['2GiB', 2 * 1024 ** 3],
  ])('reads %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', '1MB', '1mib', '-1', '0.3B', '1e3', '1 MiB!', '9999999999GiB'])(
    'knows no size in "%s"',
    (text) => {
      expect(parseByteSize(text)).toBeUndefined();
    },
  );
});
