/** What calls wait for on their way to an upstream, over real sockets. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { UpstreamFailure } from '../../../src/failure.ts';
import { DeadlineError } from '../../../src/session/deadline.ts';
import { Budget } from '../../../src/upstream/http/budget.ts';
import { anUpstream } from './an-upstream.ts';

const failure = (kind: 'rate-limited' | 'cancelled') =>
  new UpstreamFailure(kind, { kind, upstream: 'waldur' });

function aBudget() {
  return new Budget({ calls: 45, windowMs: 60_000 }, 30_000, {
    tooLong: () => failure('rate-limited'),
    left: () => failure('cancelled'),
  });
}

/** One that is left alone, as thirty calls of somebody else have failed. */
async function aBrokenUpstream(restMs: number) {
  const budget = aBudget();
  const made = await anUpstream({ budget, resilience: { retries: 0, restMs } });
  const stopFailing = made.server.inject({ fault: { kind: 'answer', answer: { status: 500 } } });
  for (let call = 0; call < 30 && made.upstream.health.state === 'closed'; call += 1) {
    await made.ask('/', { fingerprint: 'other' });
  }
  stopFailing();
  expect(made.upstream.health.state).toBe('open');
  return { ...made, budget };
}

describe('An upstream that is left alone', () => {
  it('refuses at once, and at no cost', async () => {
    const { ask, write, upstream, budget } = await aBrokenUpstream(60_000);
    budget.pause('me', 20_000);
    await expect(ask('/')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(write()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(upstream.underWay).toBe(0);
  });

  it('is tried by a call that is sent, and not by one that waits for its budget', async () => {
    const { ask, arrived, arrivals, budget, upstream } = await aBrokenUpstream(0);
    budget.pause('poor', 3_600_000);
    const leaving = new AbortController();
    const poor = { fingerprint: 'poor', signal: leaving.signal };
    const look = ask('/look', { ...poor, isPatient: true });
    await expect(ask('/poor', poor)).rejects.toMatchObject({ kind: 'rate-limited' });
    expect(upstream.health.state).toBe('open');
    const rich = ask('/rich');
    await arrived(1);
    arrivals[0]?.answer();
    expect((await rich).answer.status).toBe(200);
    expect(upstream.health.state).toBe('closed');
    leaving.abort();
    await expect(look).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('Calls that wait for a place', () => {
  it('are sent before anybody works on the answers that made room for them', async () => {
    const { ask, arrived, arrivals } = await anUpstream({ callsAtATime: 2 });
    const answerFrom = (first: number) => {
      for (const { answer } of arrivals.slice(first)) {
        answer();
      }
    };
    // Connections are opened, so that what is sent later goes over one that was used before.
    const opening = ['me', 'you', 'they'].flatMap((fingerprint) =>
      ['/1', '/2'].map((path) => ask(path, { fingerprint })),
    );
    await arrived(6);
    answerFrom(0);
    await Promise.all(opening);
    const happened: string[] = [];
    const onSent = (message: unknown) =>
      happened.push(`${(message as { request: { path: string } }).request.path} sent`);
    subscribe('undici:client:sendHeaders', onSent);
    onTestFinished(() => void unsubscribe('undici:client:sendHeaders', onSent));
    const worked = ['/a', '/b', '/c', '/d'].map(async (path) => {
      await ask(path);
      happened.push(`${path} answered`);
    });
    await arrived(8);
    answerFrom(6);
    await arrived(10);
    answerFrom(8);
    await Promise.all(worked);
    // Whichever comes first: by each answer that is worked on, as many calls have followed.
    const followed = (what: string) => /^\/[cd] sent$/.test(what);
    const firstWorked = happened.flatMap((what, at) =>
      /^\/[ab] answered$/.test(what) ? [at] : [],
    );
    expect(firstWorked).toHaveLength(2);
    for (const [answers, at] of firstWorked.entries()) {
      expect(happened.slice(0, at).filter(followed).length).toBeGreaterThan(answers);
    }
  });
});

describe('Calls that are not sent', () => {
  it('as their callers have left before there was a free lane, cost nothing of the budget', async () => {
    const { ask, arrived, upstream } = await anUpstream({ budget: aBudget() });
    const leaving = new AbortController();
    const asked = Array.from({ length: 30 }, (_, at) => ask(`/${at}`, { signal: leaving.signal }));
    await arrived(4);
    expect(upstream.vitals).toMatchObject({ calls: 30, waiting: 26, leastLeft: 15 });
    leaving.abort();
    await Promise.allSettled(asked);
    await expect.poll(() => upstream.vitals).toMatchObject({ calls: 0, leastLeft: 41 });
  });

  it('as too many of the same caller wait, cost nothing of it either', async () => {
    const { ask, arrived, arrivals, upstream } = await anUpstream({
      budget: aBudget(),
      callsInAll: 4,
      callsAtATime: 1,
    });
    const asked = ['/a', '/b', '/c'].map((path) => ask(path));
    const refused = ask('/d');
    await expect(refused).rejects.toMatchObject({ kind: 'rate-limited' });
    await arrived(1);
    expect(upstream.vitals.leastLeft).toBe(42);
    for (let at = 0; at < asked.length; at += 1) {
      await arrived(at + 1);
      arrivals[at]?.answer();
    }
    await Promise.all(asked);
  });
});

describe('An upstream that hangs', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['is left alone when operations end with their time', new DeadlineError(), 6_000, 'open'],
    ['is not for operations that were late themselves', new DeadlineError(), 1_000, 'closed'],
    ['is not for clients that leave', undefined, 6_000, 'closed'],
  ])('%s', async (_rule, reason, afterMs, state) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { ask, arrived, upstream } = await anUpstream({ callsAtATime: 30 });
    const operation = new AbortController();
    const asked = Array.from({ length: 24 }, (_, at) =>
      ask(`/${at}`, { signal: operation.signal }),
    );
    await arrived(24);
    vi.advanceTimersByTime(afterMs);
    operation.abort(reason);
    await Promise.allSettled(asked);
    await expect.poll(() => upstream.vitals.calls).toBe(0);
    expect(upstream.health.state).toBe(state);
  });
});
