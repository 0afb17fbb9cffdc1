import { randomBytes } from 'node:crypto';
import type { ScheduleInfo } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { escapeControls } from './preview.ts';
import type { Session } from './session.ts';
import { type Column, formatOptionalTimestamp } from './table.ts';

/** By chance no two of a million million schedules have the same. */
const ID_BYTES = 12;

/** A schedule as an object of JSON: timestamps are texts, since they are longer than a number is exact. */
export function scheduleToJson(info: ScheduleInfo): object {
  return {
    id: info.id,
    topic: info.topic,
    due_timestamp_ns: String(info.dueTimestampNs),
    cron: info.cron ?? null,
    time_zone: info.timeZone,
    run_count: info.runCount,
    last_run_timestamp_ns: info.lastRunTimestampNs?.toString() ?? null,
    last_error: info.lastError ?? null,
    byte_count: info.byteCount,
  };
}

/** What a list shows of a schedule. */
export const scheduleColumns: readonly Column<ScheduleInfo>[] = [
  { title: 'ID', isCut: true, cell: ({ id }) => id },
  { title: 'TOPIC', isCut: true, cell: ({ topic }) => topic },
  { title: 'DUE', cell: ({ dueTimestampNs }) => formatTimestamp(dueTimestampNs) },
  {
    title: 'REPEATS',
    cell: ({ cron, timeZone }) => (cron === undefined ? 'once' : `${cron} ${timeZone}`.trim()),
  },
  { title: 'RUNS', isNumber: true, cell: ({ runCount }) => String(runCount) },
  {
    title: 'LAST RUN',
    cell: ({ lastRunTimestampNs }) => formatOptionalTimestamp(lastRunTimestampNs),
  },
  { title: 'BYTES', isNumber: true, cell: ({ byteCount }) => String(byteCount) },
  {
    title: 'ERROR',
    cell: ({ lastError }) => (lastError === undefined ? '-' : escapeControls(lastError)),
  },
];

/** An id that the command line takes back: no dash at its beginning makes it an option. */
export function newScheduleId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

/** Writes the id, by which a schedule is run and cancelled; when it is due is for whoever watches. */
export function tellSchedule(session: Session, info: ScheduleInfo): void {
  session.result(scheduleToJson(info), info.id);
  if (session.isJson) return;
  session.remark({}, `${info.topic} gets it at ${formatTimestamp(info.dueTimestampNs)}`);
}
