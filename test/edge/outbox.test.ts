/** When answers are written: at once where there is time, and several at a time where there is none. */

import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/edge/outbox.ts';

const aTurn = () => new Promise((resolve) => void setImmediate(resolve));

/** An outbox in a process whose turns take so long. */
function anOutbox({ isBusy, turnMs }: { readonly isBusy: boolean; readonly turnMs: number }) {
  let nowMs = 0;
  const outbox = new Outbox(
    () => isBusy,
    () => nowMs,
  );
  const written: number[] = [];
  let added = 0;
  const add = (answers: number) => {
    for (let answer = 0; answer < answers; answer += 1) {
      const which = added;
      added += 1;
      outbox.add(() => void written.push(which));
    }
  };
  /** How many are written at its end. */
  const next = async () => {
    nowMs += turnMs;
    await aTurn();
    return written.length;
  };
  return { add, next, written };
}

describe('Answers', () => {
  it('are written in their order at the end of the turn, where nothing else is to be done', async () => {
    const { add, next, written } = anOutbox({ isBusy: false, turnMs: 5 });
    add(3);
    expect(written).toEqual([]);
    expect(await next()).toBe(3);
    add(1);
    expect(await next()).toBe(4);
    expect(written).toEqual([0, 1, 2, 3]);
  });

  it('wait for others in a busy process, until there are eight', async () => {
    const { add, next, written } = anOutbox({ isBusy: true, turnMs: 0.3 });
    add(3);
    expect(await next()).toBe(0);
    add(3);
    expect(await next()).toBe(0);
    add(2);
    expect(await next()).toBe(8);
    expect(written).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('wait four turns at most', async () => {
    const { add, next } = anOutbox({ isBusy: true, turnMs: 0.26 });
    add(1);
    expect([await next(), await next(), await next()]).toEqual([0, 0, 0]);
    add(1);
    expect(await next()).toBe(2);
  });

  it('wait no millisecond where turns are long', async () => {
    const { add, next } = anOutbox({ isBusy: true, turnMs: 1.2 });
    add(1);
    expect(await next()).toBe(1);
  });

  it('wait no longer once a turn had nothing to do', async () => {
    const { add, next } = anOutbox({ isBusy: true, turnMs: 0.1 });
    add(1);
    expect(await next()).toBe(0);
    expect(await next()).toBe(1);
  });
});
