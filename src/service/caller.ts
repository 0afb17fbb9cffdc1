import type { Metadata } from '@grpc/grpc-js';
import type { Caller } from '../log/activity.ts';

/** What of a call tells who made it. */
export interface CallOrigin {
  readonly metadata: Metadata;
  getPeer(): string;
}

export function callerOf(call: CallOrigin): Caller {
  const [agent] = call.metadata.get('user-agent');
  return { protocol: 'grpc', address: call.getPeer(), agent: String(agent ?? '') };
}
