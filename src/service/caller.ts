import type { Caller } from '../log/activity.ts';
import type { Protocol } from '../observer.ts';
import type { CallOrigin } from './call.ts';

export function callerOf(call: CallOrigin, protocol: Protocol = 'grpc'): Caller {
  const [agent] = call.metadata.get('user-agent');
  return { protocol, address: call.getPeer(), agent: String(agent ?? '') };
}
