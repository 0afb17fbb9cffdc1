export * from 'playhead-client';
export type { Clock } from './clock.ts';
export { SystemClock } from './clock.ts';
export type { EmbeddedBroker, ListenOptions } from './embedded/embedded-broker.ts';
export type { OpenOptions } from './embedded/open.ts';
export { open } from './embedded/open.ts';
export type { Listening } from './listen.ts';
export type { Logger } from './logger.ts';
export { ManualClock } from './manual-clock.ts';
