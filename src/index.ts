export type { BrokerOptions } from './broker.ts';
export { Broker } from './broker.ts';
export type { Clock } from './clock.ts';
export { SystemClock } from './clock.ts';
export type { ErrorReason } from './errors.ts';
export { BrokerError } from './errors.ts';
export type { Logger } from './logger.ts';
export type { ServedBroker, ServeOptions } from './serve.ts';
export { serve } from './serve.ts';
