import { invalidArgument } from '../errors.ts';
import { SCHEDULE_ID_BYTES } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { messageTooLarge } from '../log/publish-request.ts';
import { checkTopicName, checkWritableName } from '../log/topic-name.ts';
import type { ScheduleRequest } from './schedule.ts';

const ID = /^[A-Za-z0-9_./-]*$/;

/** Throws unless this may become a schedule. */
export function checkScheduleRequest(
  { id, topic, message, when, timeZone }: ScheduleRequest,
  log: Log,
): void {
  if (id !== '') checkScheduleId(id);
  checkTopicName(topic);
  checkWritableName(topic);
  if (when.at !== 'cron' && timeZone !== '') {
    throw invalidArgument('time_zone', 'must not be set without cron');
  }
  const limitBytes = log.maxMessageBytes(log.topics.get(topic));
  if (message.length > limitBytes) throw messageTooLarge(topic, message.length, limitBytes);
}

/** Throws INVALID_ARGUMENT unless this may be the id of a schedule. */
export function checkScheduleId(id: string): void {
  if (id === '') throw invalidArgument('id', 'must not be empty');
  if (!ID.test(id)) {
    throw invalidArgument(
      'id',
      'has a character that an id must not have: only letters, digits and _ - . /',
    );
  }
  if (id.length > SCHEDULE_ID_BYTES) {
    throw invalidArgument('id', `has ${id.length} bytes; at most ${SCHEDULE_ID_BYTES}`);
  }
}
