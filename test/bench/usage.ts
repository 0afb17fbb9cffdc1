import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What processes have used. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most that they had in memory together: the sum of VmHWM of /proc/PID/status. */
  readonly peakBytes: number;
}

const TICKS_PER_SECOND = ticksPerSecond();

/** CPU time so far, that of this process included, which is the client, and peak memory of the processes. */
export function usageOf(pids: readonly number[]): Usage {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  return {
    cpuSeconds: pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), own),
    peakBytes: pids.reduce((sum, pid) => sum + peakBytesOf(pid), 0),
  };
}

/** User and system time of a process and of its children that have ended: fields 14 to 17 of /proc/PID/stat. */
function cpuSecondsOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_PER_SECOND;
}

function peakBytesOf(pid: number): number {
  return 1024 * Number(/^VmHWM:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Empty for a process that has ended, and where there is no /proc. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Its figures are then those of this process alone.
    return '';
  }
}

function ticksPerSecond(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    // What Linux has everywhere.
    return 100;
  }
}
