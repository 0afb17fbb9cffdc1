import { BrokerProcess } from './broker-process.ts';
import type { GophermqLoad, GophermqReport } from './gophermq-load.ts';
import { Role } from './role.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;

/**
 * Programs that were written for gophermq: many that publish as fast as they are answered, and the shape of its own load
 * test, a thousand that publish once a second. Another fetches all of it, and sees to it that each message comes once.
 */
export const gophermq: Workload = {
  name: 'gophermq',
  async run(settings) {
    const { isQuick } = settings;
    await using broker = await BrokerProcess.start(settings, undefined, [
      '--gophermq-max-pending',
      '1000000000',
    ]);
    const common = { address: broker.httpAddress, messageBytes: MESSAGE_BYTES };
    const closed = { ...common, connections: 100, messageCount: isQuick ? 20_000 : 100_000 };
    // Warms up both sides.
    await load(settings, 'warm-up', { ...closed, messageCount: 2000, thinkMs: 0 });
    const reports: GophermqReport[] = [];
    for (let run = 0; run < (isQuick ? 2 : 5); run++) {
      reports.push(await load(settings, `run ${run + 1}`, { ...closed, thinkMs: 0 }));
    }
    const rates = reports.map(({ seconds }) => closed.messageCount / seconds);
    const many = { ...common, connections: 1000, messageCount: isQuick ? 10_000 : 60_000 };
    const thinking = await load(settings, 'a thousand', { ...many, thinkMs: 1000 });
    return [
      {
        what: `${closed.messageCount.toLocaleString('en')} × ${MESSAGE_BYTES} B, 100 connections, each once`,
        value: median(rates),
        runs: rates,
        unit: 'messages/s',
        goal: { atLeast: 5000 },
      },
      {
        what: '1000 connections, a message a second each, 95 %',
        value: thinking.p95Ms,
        unit: 'ms',
        goal: { atMost: 50 },
      },
    ] satisfies Figure[];
  },
};

async function load(
  settings: Settings,
  what: string,
  settingsOfLoad: GophermqLoad,
): Promise<GophermqReport> {
  settings.note(`gophermq: ${what}`);
  await using role = new Role<GophermqReport>('gophermq-load', JSON.stringify(settingsOfLoad));
  const result = await role.report();
  if (result.error !== undefined) throw new VerificationError(result.error);
  if (result.refusedCount > 0) {
    throw new VerificationError(`${result.refusedCount} publishes were not answered with 200`);
  }
  return result;
}
