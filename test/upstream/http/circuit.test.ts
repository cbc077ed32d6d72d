/** Leaving an upstream alone, on a clock that the tests move. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FailureKind, UpstreamFailure } from '../../../src/failure.ts';
import { HttpAnswer } from '../../../src/upstream/http/answer.ts';
import { Circuit } from '../../../src/upstream/http/circuit.ts';
import { Stop, type StopSignal } from '../../../src/upstream/http/stop.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const restMs = 5_000;

function aCircuit() {
  const sent: ((outcome: number | FailureKind) => void)[] = [];
  const origin = {
    send: () =>
      new Promise<HttpAnswer>((resolve, reject) => {
        sent.push((outcome) =>
          typeof outcome === 'number'
            ? resolve(new HttpAnswer(outcome, {}, Buffer.alloc(0)))
            : reject(new UpstreamFailure('no answer', { kind: outcome, upstream: 'waldur' })),
        );
      }),
  };
  const circuit = new Circuit('waldur', origin as ConstructorParameters<typeof Circuit>[1], restMs);
  /** Sends a call, which stays under way until it is ended. */
  const begin = (signal?: StopSignal) => {
    let outcome: Promise<number | FailureKind>;
    try {
      outcome = circuit.send({ method: 'GET', path: '/', headers: {}, signal }).then(
        ({ status }) => status,
        ({ kind }: UpstreamFailure) => kind,
      );
    } catch (reason) {
      return { refusal: (reason as UpstreamFailure).kind };
    }
    const end = sent.at(-1);
    return {
      end: (given: number | FailureKind) => {
        end?.(given);
        return outcome;
      },
    };
  };
  const run = (outcome: number | FailureKind) => {
    const { refusal, end } = begin();
    return refusal ?? end(outcome);
  };
  /** Twenty calls and more in ten seconds, of which so many fail. */
  const runMany = async (failing: number, failure: number | FailureKind = 500) => {
    for (let call = 0; call < 24; call += 1) {
      await run(call < failing ? failure : 200);
      vi.advanceTimersByTime(400);
    }
  };
  return { circuit, begin, run, runMany, state: () => circuit.health.state };
}

async function anOpenCircuit() {
  const made = aCircuit();
  await made.runMany(24);
  expect(made.state()).toBe('open');
  return made;
}

describe('A circuit', () => {
  it('stays closed while less than half of the calls fail, or there are few', async () => {
    const many = aCircuit();
    await many.runMany(8);
    expect(many.state()).toBe('closed');
    const few = aCircuit();
    for (let call = 0; call < 5; call += 1) {
      await few.run(500);
    }
    expect(few.state()).toBe('closed');
  });

  it.each([500, 503, 'unavailable', 'timed-out', 'outcome-unknown'] as const)(
    'opens when half of them fail with %s, and refuses at once',
    async (failure) => {
      const { circuit, begin, runMany } = aCircuit();
      await runMany(24, failure);
      expect(circuit.health).toMatchObject({
        state: 'open',
        since: expect.stringMatching(/Z$/),
        until: expect.stringMatching(/Z$/),
      });
      expect(begin()).toEqual({ refusal: 'unavailable' });
    },
  );

  it('is tried by one call after a rest, and closes when that is well', async () => {
    const { begin, run, state } = await anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const failing = begin();
    expect(state()).toBe('half-open');
    expect(begin()).toEqual({ refusal: 'unavailable' });
    await failing.end?.(500);
    expect(state()).toBe('open');
    expect(begin()).toEqual({ refusal: 'unavailable' });
    vi.advanceTimersByTime(restMs);
    expect(await run(200)).toBe(200);
    expect(state()).toBe('closed');
    expect(await Promise.all([run(200), run(200)])).toEqual([200, 200]);
  });

  it('learns nothing by a call whose caller leaves: the next one tries', async () => {
    const { begin, run, state } = await anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const leaving = new Stop();
    const left = begin(leaving);
    leaving.abort();
    await left.end?.('cancelled');
    expect(state()).toBe('half-open');
    await run(500);
    expect(state()).toBe('open');
  });

  it('is tried by another call when the first hangs, and closes with any that is well', async () => {
    const { begin, run, state } = await anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const hanging = begin();
    vi.advanceTimersByTime(restMs);
    expect(await run(200)).toBe(200);
    await hanging.end?.('timed-out');
    expect(state()).toBe('closed');
  });

  it('rests after a call that failed, though the caller of another that tries leaves', async () => {
    const { begin, run } = await anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const leaving = new Stop();
    const hanging = begin(leaving);
    vi.advanceTimersByTime(restMs);
    await run(500);
    leaving.abort();
    await hanging.end?.('cancelled');
    expect(begin()).toEqual({ refusal: 'unavailable' });
  });

  it('does not mind what callers do wrong', async () => {
    const { run, state } = aCircuit();
    for (let call = 0; call < 50; call += 1) {
      await run([400, 401, 403, 404, 409, 429][call % 6] as number);
      await run('malformed');
    }
    expect(state()).toBe('closed');
  });
});
