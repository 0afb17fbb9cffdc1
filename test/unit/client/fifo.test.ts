import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../../clients/node/src/fifo.ts';

it('answers as an array would, whatever the order of calls', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'shift', 'drain')), (calls) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      for (const [i, call] of calls.entries()) {
        if (call === 'push') {
          fifo.push(i);
          model.push(i);
        } else if (call === 'shift') {
          expect(fifo.shift()).toBe(model.shift());
        } else {
          expect(fifo.drain()).toEqual(model);
          model = [];
        }
        expect([...fifo]).toEqual(model);
        expect([fifo.length, fifo.first]).toEqual([model.length, model[0]]);
      }
    }),
  );
});
