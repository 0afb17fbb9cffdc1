import { Role } from './role.ts';
import type { Figure, Workload } from './workload.ts';

/** What the process that emits reports. */
export interface BusReport {
  readonly oneHandlerNs: number;
  readonly furtherHandlerNs: number;
  readonly beginningNs: number;
  readonly bytesPerEmit: number;
}

/** The bus: what an emit costs whose handlers do nothing but keep the event. */
export const bus: Workload = {
  name: 'bus',
  async run({ note }) {
    note('bus: emit');
    // A process of its own: it needs a collector that it can call, and room for what it counts.
    const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=512'];
    await using role = new Role<BusReport>({ name: 'bus-emitter', flags });
    const { oneHandlerNs, furtherHandlerNs, beginningNs, bytesPerEmit } = await role.report();
    return [
      {
        what: 'emit to one handler, in a transaction',
        value: oneHandlerNs,
        unit: 'ns',
        goal: { atMost: 200 },
        remark: 'with an id and a time of its own each',
      },
      { what: 'each further handler', value: furtherHandlerNs, unit: 'ns', goal: { atMost: 60 } },
      {
        what: 'memory of an emit: the event and its id',
        value: bytesPerEmit,
        unit: 'B',
        goal: { atMost: 104 },
        remark: 'the goal is what the two allocations of the Go original take',
      },
      { what: 'emit that begins a transaction', value: beginningNs, unit: 'ns' },
    ] satisfies Figure[];
  },
};
