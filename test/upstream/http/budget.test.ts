/** Calls that are counted, on a clock that the tests move. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Budget } from '../../../src/upstream/http/budget.ts';
import { aloneAmong, type Errand, type Ledger } from '../../../src/upstream/http/ledger.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const minuteMs = 60_000;

/** Errands that end at once, and the time at which each was run, in seconds. */
function aBudget(calls: number, patienceMs = minuteMs, ledger?: Ledger) {
  const refusals = {
    tooLong: (waitMs: number) => new Error(`wait ${waitMs}`),
    left: () => new Error('left'),
  };
  const budget = new Budget({ calls, windowMs: minuteMs }, patienceMs, refusals, ledger);
  const startMs = performance.now();
  const ran: string[] = [];
  const run = (name: string, errand: Partial<Errand> = {}, payer = 'alice') =>
    budget.enter(payer, { isPatient: false, ...errand }).then(
      ({ left, leave }) => {
        ran.push(`${name} ${(performance.now() - startMs) / 1_000}`);
        leave(true);
        return left;
      },
      (reason: Error) => reason.message,
    );
  return { budget, run, ran };
}

describe('Budget', () => {
  it('lets as many through as the window has room for, and tells how many are left', async () => {
    const { run, ran } = aBudget(3);
    expect([await run('a'), await run('b'), await run('c')]).toEqual([2, 1, 0]);
    expect(await run('other', {}, 'bob')).toBe(2);
    expect(ran).toEqual(['a 0', 'b 0', 'c 0', 'other 0']);
  });

  it('lets the others through as calls leave the window, in their order', async () => {
    const { run, ran } = aBudget(2);
    await run('a');
    await vi.advanceTimersByTimeAsync(10_000);
    await run('b');
    const others = [run('c'), run('d')];
    await vi.advanceTimersByTimeAsync(minuteMs);
    await Promise.all(others);
    expect(ran).toEqual(['a 0', 'b 10', 'c 60', 'd 70']);
  });

  it('wakes whoever waits though the window ends while it looks', async () => {
    const now = performance.now.bind(performance);
    // Each look takes its time: the window ends between two of them now and then.
    let lateMs = 0;
    let stepMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      lateMs += stepMs;
      return now() + lateMs;
    });
    for (stepMs = 500; stepMs <= minuteMs; stepMs += 500) {
      const { run, ran } = aBudget(1, Number.MAX_SAFE_INTEGER);
      await run('a');
      const other = run('b');
      await vi.advanceTimersByTimeAsync(2 * minuteMs);
      expect(ran, `${stepMs} ms a look`).toHaveLength(2);
      await other;
    }
  });

  it('counts a call from its end, as the upstream may have counted it only then', async () => {
    const { budget, run, ran } = aBudget(1);
    const slow = await budget.enter('alice', { isPatient: false });
    const next = run('next');
    await vi.advanceTimersByTimeAsync(5_000);
    slow.leave(true);
    await vi.advanceTimersByTimeAsync(minuteMs);
    await next;
    expect(ran).toEqual(['next 65']);
  });

  it('lets who waits at a screen go before who is patient', async () => {
    const { run, ran } = aBudget(3);
    await Promise.all([run('a'), run('b'), run('c')]);
    await vi.advanceTimersByTimeAsync(1_000);
    const waiting = [run('patient', { isPatient: true }), run('urgent')];
    await vi.advanceTimersByTimeAsync(minuteMs);
    await Promise.all(waiting);
    expect(ran.slice(3)).toEqual(['urgent 60', 'patient 60']);
  });

  it('keeps a third for who waits at a screen', async () => {
    const { run, ran } = aBudget(9);
    const looks = Array.from({ length: 8 }, (_, at) => run(`look ${at}`, { isPatient: true }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ran).toHaveLength(6);
    await run('urgent');
    await vi.advanceTimersByTimeAsync(30_000);
    await Promise.all(looks);
    expect(ran.slice(6)).toEqual(['urgent 30', 'look 6 60', 'look 7 60']);
  });

  it('lets the patient through at last, however many others come', async () => {
    const { run, ran } = aBudget(1);
    await run('first');
    await vi.advanceTimersByTimeAsync(1_000);
    const looks = [run('look', { isPatient: true })];
    for (let minute = 1; minute <= 3; minute += 1) {
      looks.push(run(`urgent ${minute}`));
      await vi.advanceTimersByTimeAsync(minuteMs);
    }
    await vi.advanceTimersByTimeAsync(minuteMs);
    await Promise.all(looks);
    expect(ran).toEqual(['first 0', 'urgent 1 60', 'look 120', 'urgent 2 180', 'urgent 3 240']);
  });

  it('refuses at once who would have to wait for too long, and says how long', async () => {
    const { run, ran } = aBudget(2, 30_000);
    await run('a');
    await vi.advanceTimersByTimeAsync(20_000);
    await run('b');
    expect(await run('c')).toBe('wait 40000');
    await vi.advanceTimersByTimeAsync(15_000);
    const second = run('d');
    expect(await run('e')).toBe('wait 45000');
    await vi.advanceTimersByTimeAsync(25_000);
    await second;
    expect(ran).toEqual(['a 0', 'b 20', 'd 60']);
  });

  it('lets nobody through while the upstream wants none', async () => {
    const { budget, run, ran } = aBudget(Number.POSITIVE_INFINITY, 20_000);
    budget.pause('alice', 12_000);
    const waiting = [run('a'), run('look', { isPatient: true })];
    expect(await run('b', {}, 'bob')).toBe(Number.POSITIVE_INFINITY);
    await vi.advanceTimersByTimeAsync(12_000);
    await Promise.all(waiting);
    budget.pause('alice', 21_000);
    expect(await run('c')).toBe('wait 21000');
    expect(ran).toEqual(['b 0', 'a 12', 'look 12']);
  });

  it('gives the place of who leaves to the next', async () => {
    const { budget, run, ran } = aBudget(1);
    await run('a');
    const leaving = new AbortController();
    const first = run('b', { signal: leaving.signal });
    const second = run('c');
    leaving.abort();
    expect(await first).toBe('left');
    expect(await run('d', { signal: leaving.signal })).toBe('left');
    await vi.advanceTimersByTimeAsync(minuteMs);
    await second;
    expect(ran).toEqual(['a 0', 'c 60']);
    expect(budget.size).toBe(0);
  });

  it('waits for others as long as anybody can who has come meanwhile', async () => {
    let leftMs = 1_000;
    let asked = 0;
    const ledger: Ledger = {
      ...aloneAmong(1),
      epoch: 1,
      take: async () => {
        asked += 1;
        leftMs = 30_000;
        return asked === 1
          ? { isTaken: false, waitMs: 10_000, isForAll: true }
          : { isTaken: true, left: 0 };
      },
    };
    const { run, ran } = aBudget(1, minuteMs, ledger);
    const waiting = run('a', { leftMs: () => leftMs });
    await vi.advanceTimersByTimeAsync(10_000);
    await waiting;
    expect(ran).toEqual(['a 10']);
  });

  it('tells others again of a call that they were told of just before they forgot', async () => {
    const told: (readonly string[])[] = [];
    let epoch = 1;
    const ledger: Ledger = {
      ...aloneAmong(1),
      get epoch() {
        return epoch;
      },
      take: async (_payer, _entry, _rate, unknown) => {
        told.push(unknown.map(({ id }) => id));
        epoch += told.length === 1 ? 1 : 0;
        return { isTaken: true, left: 1 };
      },
    };
    const { run } = aBudget(3, minuteMs, ledger);
    await run('a');
    await run('b');
    await run('c');
    expect(told.map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it('counts no call that was not sent, here and with the others', async () => {
    const settled: [string, number][] = [];
    const ledger: Ledger = {
      ...aloneAmong(1),
      epoch: 1,
      take: async () => ({ isTaken: true, left: 0 }),
      settle: (payer, { isPatient }, ms) => void settled.push([`${payer} ${isPatient}`, ms]),
    };
    const { budget, run, ran } = aBudget(1, minuteMs, ledger);
    const unsent = await budget.enter('alice', { isPatient: true });
    const next = run('next');
    unsent.leave(false);
    await next;
    expect(ran).toEqual(['next 0']);
    expect(settled).toEqual([
      ['alice true', 0],
      ['alice false', minuteMs],
    ]);
  });
});
