import { silentObserver } from '../../src/observer.ts';
import { serve } from '../../src/serve.ts';
import { report } from './role.ts';

/** Where it listens. */
export interface MeteredBrokerReport {
  readonly grpcAddress: string;
  readonly httpAddress: string;
  readonly pid: number;
}

// A role of metrics.ts: a broker with figures, or without.
const [dataDir = '', figures] = process.argv.slice(2);
const { grpcAddress, httpAddress = '' } = await serve({
  dataDir,
  grpcAddress: '127.0.0.1:0',
  httpAddress: '127.0.0.1:0',
  ...(figures === 'silent' && { observer: silentObserver }),
});
report({ grpcAddress, httpAddress, pid: process.pid } satisfies MeteredBrokerReport);
