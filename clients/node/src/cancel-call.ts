/**
 * Cancels a call for good. grpc-js forgets a cancel that comes in the turn in which the call was made: the call reports
 * CANCELLED, is sent nevertheless, and streams to nobody for ever. Cancelling it again in the next turn reaches it.
 */
export function cancelCall(call: { cancel(): void }): void {
  call.cancel();
  setImmediate(() => call.cancel());
}
