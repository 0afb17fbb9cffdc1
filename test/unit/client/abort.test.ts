import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { onAbort } from '../../../clients/node/src/abort.ts';

describe('onAbort', () => {
  it('calls back once, with the first signal that fires', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const fired: AbortSignal[] = [];
    onAbort([one.signal, undefined, two.signal], (signal) => fired.push(signal));
    two.abort();
    one.abort();
    expect(fired).toEqual([two.signal]);
  });

  it('calls back at once for a signal that has fired', () => {
    const fired: AbortSignal[] = [];
    const signal = AbortSignal.abort();
    onAbort([new AbortController().signal, signal], (each) => fired.push(each));
    expect(fired).toEqual([signal]);
  });

  it('leaves no listener behind, fired or stopped', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    onAbort([one.signal, two.signal], () => {});
    one.abort();
    const stop = onAbort([two.signal], () => {});
    stop();
    onAbort([two.signal, one.signal], () => {});
    expect(getEventListeners(two.signal, 'abort')).toEqual([]);
  });

  it('takes many listeners on one signal for no leak', () => {
    using warning = vi.spyOn(process, 'emitWarning');
    const { signal } = new AbortController();
    for (let i = 0; i < 50; i++) onAbort([signal], () => {});
    expect(warning).not.toHaveBeenCalled();
  });
});
