/** Leaving an upstream alone, on a clock that the tests move. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FailureKind, UpstreamFailure } from '../../../src/failure.ts';
import { Circuit, type Passage } from '../../../src/upstream/http/circuit.ts';
import { Stop, type StopSignal } from '../../../src/upstream/http/stop.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const restMs = 5_000;

function aCircuit() {
  const circuit = new Circuit('waldur', restMs);
  /** A call, which stays under way until it is ended. */
  const begin = (signal?: StopSignal) => {
    let passage: Passage;
    try {
      passage = circuit.enter();
    } catch (reason) {
      return { refusal: (reason as UpstreamFailure).kind };
    }
    return {
      end: (outcome: number | FailureKind) => {
        if (typeof outcome === 'number') {
          circuit.answered(passage, outcome);
        } else {
          const reason = new UpstreamFailure('no answer', { kind: outcome, upstream: 'waldur' });
          circuit.failed(passage, reason, signal);
        }
        return outcome;
      },
    };
  };
  const run = (outcome: number | FailureKind) => {
    const { refusal, end } = begin();
    return refusal ?? end(outcome);
  };
  /** Twenty calls and more in ten seconds, of which so many fail. */
  const runMany = (failing: number, failure: number | FailureKind = 500) => {
    for (let call = 0; call < 24; call += 1) {
      run(call < failing ? failure : 200);
      vi.advanceTimersByTime(400);
    }
  };
  return { circuit, begin, run, runMany, state: () => circuit.health.state };
}

function anOpenCircuit() {
  const made = aCircuit();
  made.runMany(24);
  expect(made.state()).toBe('open');
  return made;
}

describe('A circuit', () => {
  it('stays closed while less than half of the calls fail, or there are few', () => {
    const many = aCircuit();
    many.runMany(8);
    expect(many.state()).toBe('closed');
    const few = aCircuit();
    for (let call = 0; call < 5; call += 1) {
      few.run(500);
    }
    expect(few.state()).toBe('closed');
  });

  it.each([500, 503, 'unavailable', 'timed-out', 'outcome-unknown'] as const)(
    'opens when half of them fail with %s, and refuses at once',
    (failure) => {
      const { circuit, begin, runMany } = aCircuit();
      runMany(24, failure);
      expect(circuit.health).toMatchObject({
        state: 'open',
        since: expect.stringMatching(/Z$/),
        until: expect.stringMatching(/Z$/),
      });
      expect(begin()).toEqual({ refusal: 'unavailable' });
    },
  );

  it('is tried by one call after a rest, and closes when that is well', () => {
    const { begin, run, state } = anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const failing = begin();
    expect(state()).toBe('half-open');
    expect(begin()).toEqual({ refusal: 'unavailable' });
    failing.end?.(500);
    expect(state()).toBe('open');
    expect(begin()).toEqual({ refusal: 'unavailable' });
    vi.advanceTimersByTime(restMs);
    expect(run(200)).toBe(200);
    expect(state()).toBe('closed');
    expect([run(200), run(200)]).toEqual([200, 200]);
  });

  it('learns nothing by a call whose caller leaves: the next one tries', () => {
    const { begin, run, state } = anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const leaving = new Stop();
    const left = begin(leaving);
    leaving.abort();
    left.end?.('cancelled');
    expect(state()).toBe('half-open');
    run(500);
    expect(state()).toBe('open');
  });

  it('is tried by another call when the first hangs, and closes with any that is well', () => {
    const { begin, run, state } = anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const hanging = begin();
    vi.advanceTimersByTime(restMs);
    expect(run(200)).toBe(200);
    hanging.end?.('timed-out');
    expect(state()).toBe('closed');
  });

  it('rests after a call that failed, though the caller of another that tries leaves', () => {
    const { begin, run } = anOpenCircuit();
    vi.advanceTimersByTime(restMs);
    const leaving = new Stop();
    const hanging = begin(leaving);
    vi.advanceTimersByTime(restMs);
    run(500);
    leaving.abort();
    hanging.end?.('cancelled');
    expect(begin()).toEqual({ refusal: 'unavailable' });
  });

  it('does not mind what callers do wrong', () => {
    const { run, state } = aCircuit();
    for (let call = 0; call < 50; call += 1) {
      run([400, 401, 403, 404, 409, 429][call % 6] as number);
      run('malformed');
    }
    expect(state()).toBe('closed');
  });
});
