/** What is put off to the end of a turn. */

import { describe, expect, it } from 'vitest';
import { afterSending } from '../../../src/upstream/http/turn.ts';

describe('What is put off', () => {
  it('is done after all that was left for the end of the turn before, in its order', async () => {
    const done: string[] = [];
    afterSending(() => done.push('first'));
    setImmediate(() => done.push('sent'));
    await new Promise<void>((resolve) => {
      afterSending(() => {
        done.push('second');
        resolve();
      });
    });
    expect(done).toEqual(['sent', 'first', 'second']);
  });

  it('is not put off for ever by what comes at the end of each turn', async () => {
    let isDone = false;
    let turns = 0;
    const again = () => {
      turns += 1;
      if (!isDone && turns < 1_000) {
        setImmediate(again);
        afterSending(() => undefined);
      }
    };
    setImmediate(again);
    await new Promise<void>((resolve) => {
      afterSending(() => {
        isDone = true;
        resolve();
      });
    });
    expect(turns).toBeLessThan(100);
  });
});
