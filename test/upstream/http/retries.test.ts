/** Trying again, on a clock that the tests move. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UpstreamFailure } from '../../../src/failure.ts';
import { HttpAnswer } from '../../../src/upstream/http/answer.ts';
import type { Budget } from '../../../src/upstream/http/budget.ts';
import type { HttpOrigin, HttpRequest } from '../../../src/upstream/http/send.ts';
import { Way } from '../../../src/upstream/http/way.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const answer = (status: number, headers: HttpAnswer['headers'] = {}) =>
  new HttpAnswer(status, headers, Buffer.alloc(0));
const unavailable = () => new UpstreamFailure('reset', { kind: 'unavailable', upstream: 'waldur' });

/** As where calls are counted, with as many as anybody could want. */
const endless = { enter: async () => ({ left: 1, leave: () => undefined }) } as unknown as Budget;

function anUpstream({ isCounted = false } = {}) {
  let sent = 0;
  let next: () => HttpAnswer | Error;
  const origin = {
    host: 'waldur.test',
    send: async () => {
      sent += 1;
      const outcome = next();
      if (outcome instanceof Error) {
        throw outcome;
      }
      return outcome;
    },
  } as unknown as HttpOrigin;
  const way = new Way('waldur', origin, {
    callsAtATime: 4,
    callsInAll: 100,
    routeOf: (path) => path,
    budget: isCounted ? endless : undefined,
    resilience: { retries: 2, restMs: 5_000 },
  });
  /** Gives the outcomes one after the other, the last for ever. */
  const run = async (
    outcomes: readonly (HttpAnswer | Error)[],
    method: HttpRequest['method'] = 'GET',
    leftMs = 30_000,
  ) => {
    let at = 0;
    next = () => {
      const outcome = outcomes[Math.min(at, outcomes.length - 1)] as HttpAnswer | Error;
      at += 1;
      return outcome;
    };
    const { answer: last, reason } = await way.send(
      { method, path: '/', headers: {} },
      { fingerprint: 'me', signal: undefined, observer: undefined },
      { leftMs: () => leftMs, answer: undefined, reason: undefined, left: 0, tries: 0 },
    );
    return last?.status ?? (reason as UpstreamFailure).kind;
  };
  /** Where the pauses have no length. */
  const runNow: typeof run = async (...given) => {
    const running = run(...given);
    await vi.advanceTimersByTimeAsync(10);
    return running;
  };
  return { run, runNow, sent: () => sent };
}

describe('A reading', () => {
  it.each([
    ['reset', unavailable()],
    ['502', answer(502)],
    ['503', answer(503)],
    ['504', answer(504)],
  ])('that fails with %s is tried twice more', async (_name, outcome) => {
    const { runNow, sent } = anUpstream();
    expect(await runNow([outcome, outcome, answer(200)])).toBe(200);
    expect(sent()).toBe(3);
    await runNow([outcome]);
    expect(sent()).toBe(5);
  });

  it.each([400, 401, 403, 404, 409, 429, 500, 501])('answered with %i is not', async (status) => {
    const { runNow, sent } = anUpstream();
    expect(await runNow([answer(status)])).toBe(status);
    expect(sent()).toBe(1);
  });

  it('fails as it did when it was tried last', async () => {
    const { runNow } = anUpstream();
    expect(await runNow([answer(503), unavailable()])).toBe('unavailable');
    expect(await runNow([unavailable(), answer(503)])).toBe(503);
  });

  it('waits for as long as it is told to, unless that is too long', async () => {
    const { run, runNow, sent } = anUpstream();
    const waiting = run([answer(503, { 'retry-after': '3' }), answer(200)]);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(sent()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toBe(200);
    expect(await runNow([answer(503, { 'retry-after': '3' })], 'GET', 2_000)).toBe(503);
    expect(sent()).toBe(3);
  });

  it('waits for half a minute at most where it has all the time there is', async () => {
    const { run, runNow, sent } = anUpstream();
    const forever = Number.POSITIVE_INFINITY;
    const slow = answer(503, { 'retry-after': '3600' });
    expect(await runNow([slow, answer(200)], 'GET', forever)).toBe(503);
    const waiting = run([answer(503, { 'retry-after': '29' }), answer(200)], 'GET', forever);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(await waiting).toBe(200);
    expect(sent()).toBe(3);
  });

  it('waits for its quota, where nobody else counts the calls', async () => {
    const slow = answer(429, { 'retry-after': '0' });
    const counted = anUpstream({ isCounted: true });
    expect(await counted.runNow([slow, answer(200)])).toBe(429);
    expect(await anUpstream().runNow([slow, answer(200)])).toBe(200);
  });

  it('is not tried again by more than a tenth of the traffic, after a few', async () => {
    const { runNow, sent } = anUpstream();
    for (let call = 0; call < 100; call += 1) {
      await runNow([answer(200)]);
    }
    const before = sent();
    let answered = 0;
    // Half of the calls fail, so the circuit does not open on them.
    for (let call = 0; call < 200; call += 1) {
      await runNow([call % 3 === 0 ? answer(503) : answer(200)]);
      answered += 1;
    }
    const retries = sent() - before - answered;
    expect(retries).toBeGreaterThan(10);
    expect(retries).toBeLessThanOrEqual(10 + 20);
  });

  it('pauses longer each time, by chance', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    const { run, sent } = anUpstream();
    const waiting = run([answer(503)]);
    await vi.advanceTimersByTimeAsync(98);
    expect(sent()).toBe(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(sent()).toBe(2);
    await vi.advanceTimersByTimeAsync(190);
    expect(sent()).toBe(2);
    await vi.advanceTimersByTimeAsync(20);
    expect(sent()).toBe(3);
    await waiting;
  });
});

describe('A change', () => {
  it('is sent once, whatever comes of it', async () => {
    const { run, sent } = anUpstream();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await run([answer(503)], method);
      await run([unavailable()], method);
    }
    expect(sent()).toBe(8);
  });
});
