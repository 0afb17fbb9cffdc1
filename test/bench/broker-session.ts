import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import type { DataDirectory } from './broker-process.ts';
import { BrokerProcess } from './broker-process.ts';
import type { Settings } from './workload.ts';

/** Starts a broker on the data, runs, and ends the broker by this signal. */
export async function within(
  settings: Settings,
  directory: DataDirectory,
  signal: 'SIGTERM' | 'SIGKILL',
  run: (broker: BrokerProcess, client: Client) => Promise<void>,
): Promise<void> {
  await using broker = await BrokerProcess.start(settings, directory);
  const client = connect(broker.address, { retry: { giveUpAfterMs: 0 } });
  try {
    await run(broker, client);
  } finally {
    // What a killed broker has not taken cannot be flushed, and has been told.
    await client.close().catch(() => undefined);
  }
  await broker.end(signal);
}
