// For who brings calls to a broker by another way than gRPC: the package `playhead` does, within a process.
export type { ClientOptions } from './client.ts';
export { Client } from './client.ts';
export { type ClientClock, machineClock } from './clock.ts';
export { PlayheadError } from './errors.ts';
export type {
  CallFailure,
  Cancellable,
  DuplexCall,
  Link,
  LinkOptions,
  ReadCall,
  Transport,
} from './transport.ts';
