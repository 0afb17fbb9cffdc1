import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import type { BrokerConfig, ConfigSources } from '../config.ts';
import { ConfigError, loadConfig, settings } from '../config.ts';
import type { LevelControl, LogLevel } from '../logger.ts';
import { formatBanner, formatListening, invocationOf } from './banner.ts';
import { describeFailure, EXIT, type ExitCode, usageError } from './exit-code.ts';
import { letHeapGrow } from './heap.ts';
import { formatLogLine } from './log-line.ts';
import { DataOutput } from './output.ts';
import { writeFailure } from './session.ts';
import { onEndSignals } from './signals.ts';

/** Gives the command one option for each setting of the broker. */
export function addServeOptions(command: Command): Command {
  for (const { flags, description, environmentName, defaultText } of settings) {
    // Without a default of commander's: what was not said is left to environment and file.
    const rest = flags.startsWith('--no-')
      ? `env: ${environmentName}=false`
      : `env: ${environmentName}, default: ${defaultText}`;
    command.option(flags, `${description} (${rest})`);
  }
  return command
    .option(
      '--config <file>',
      'YAML file with these settings, named as here (env: PLAYHEAD_CONFIG)',
    )
    .addHelpText('after', '\nThe command line goes before the environment, that before the file.');
}

/** Runs a broker until a signal ends it: the first one gracefully, a second one at once. */
export async function runServe(command: Command, process: NodeJS.Process): Promise<ExitCode> {
  const isJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
  const ended = new AbortController();
  onEndSignals(process, () => ended.abort());
  try {
    const config = loadConfig({
      flags: flagsOf(command),
      env: process.env,
      readFile: (path) => readFileSync(path, 'utf8'),
    });
    await serveUntil(ended.signal, config, process, isJson);
    return EXIT.ok;
  } catch (error) {
    const failure = describeFailure(
      error instanceof ConfigError ? usageError(error.message) : error,
    );
    // Whatever keeps a broker from running is a failure, also where a client would call it a refusal.
    const isKept = failure.exitCode === EXIT.usage || failure.exitCode === EXIT.dataLoss;
    const exitCode = isKept ? failure.exitCode : EXIT.failed;
    writeFailure(process, { ...failure, exitCode }, isJson);
    return exitCode;
  }
}

async function serveUntil(
  ended: AbortSignal,
  config: BrokerConfig,
  process: NodeJS.Process,
  isJson: boolean,
): Promise<void> {
  letHeapGrow();
  const { serve } = await import('../serve.ts');
  const { memory, dataDir, durability, grpcAddress, httpAddress, httpHosts } = config;
  const { maxMessageBytes, autoCreateTopics, queueIdleExpiry: queueIdleExpiryMs } = config;
  const { advertiseAddress } = config;
  const gophermq = {
    maxPending: config.gophermqMaxPending,
    subscriberTtlMs: config.gophermqSubscriberTtl,
  };
  const logger = openLogger(config, process.stderr);
  const served = await serve({
    ...(!memory && { dataDir }),
    grpcAddress,
    httpAddress,
    httpHosts,
    advertiseAddress,
    durability,
    maxMessageBytes,
    autoCreateTopics,
    queueIdleExpiryMs,
    gophermq,
    logger,
    logLevel: levelOf(logger, config.logLevel),
  });
  try {
    const out = new DataOutput(process.stdout);
    const facts = {
      grpcAddress: served.grpcAddress,
      httpAddress: served.httpAddress,
      dataDir: memory ? undefined : resolve(dataDir),
      durability,
    };
    const invocation = invocationOf(process.argv[1] ?? '', process.cwd(), process.env);
    out.pushLine(isJson ? formatListening(facts, process.pid) : formatBanner(facts, invocation));
    await out.ready();
    // A terminal has just been told.
    if (!process.stderr.isTTY) logger.info(facts, 'listening');
    await aborted(ended);
    logger.info('shutting down: what was accepted is finished; a second signal ends at once');
  } finally {
    await served.close();
    logger.info({}, 'stopped');
  }
}

function openLogger({ logLevel }: BrokerConfig, stderr: NodeJS.WriteStream) {
  const write = (line: string) => stderr.write(stderr.isTTY ? formatLogLine(line) : line);
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
}

/** The level of a logger, which may be set while it runs. */
function levelOf(logger: { level: string }, startLevel: LogLevel): LevelControl {
  let level = startLevel;
  return {
    get level() {
      return level;
    },
    set level(next) {
      level = next;
      logger.level = next;
    },
  };
}

/** What was given on the command line; commander adds defaults of its own. */
function flagsOf(command: Command): ConfigSources['flags'] {
  const given = Object.entries(command.opts<ConfigSources['flags']>()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(given);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
