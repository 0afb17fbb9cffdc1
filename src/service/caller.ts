import type { Action, ActionDetails, Activity } from '../log/activity.ts';
import type { Protocol } from '../observer.ts';
import type { CallOrigin } from './call.ts';

/** Where it is noted what administrators do, and by what they came. */
interface Notebook {
  readonly activity?: Activity | undefined;
  readonly protocol?: Protocol | undefined;
}

/** Notes what callers did, and who they were as far as a call tells. */
export function noteIn({ activity, protocol = 'grpc' }: Notebook) {
  return (call: CallOrigin, action: Action, details: ActionDetails): void => {
    const [agent] = call.metadata.get('user-agent');
    const by = { protocol, address: call.getPeer(), agent: typeof agent === 'string' ? agent : '' };
    activity?.note(by, action, details);
  };
}
