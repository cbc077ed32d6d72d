/** One exchange for all who ask the same: who shares it, who ends it, and what is left of it. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedCall } from '../../../src/upstream/http/asker.ts';
import { Sharing } from '../../../src/upstream/http/sharing.ts';
import type { StopSignal } from '../../../src/upstream/http/stop.ts';
import { anUpstream } from './an-upstream.ts';

/** Makes nothing else of it. */
const asItIs = {
  answered: (answer: number) => answer,
  failed: (reason: unknown) => {
    throw reason;
  },
};

describe('The same reading by the same caller', () => {
  it('is one exchange while it is under way, and another after it', async () => {
    const { ask, arrived, arrivals, upstream } = await anUpstream();
    const shared: boolean[] = [];
    const observer = {
      onCall: (call: { shared: boolean }) => void shared.push(call.shared),
      onRows: () => undefined,
    };
    const asker = { observer };
    const both = [ask('/a', asker), ask('/a', asker)];
    await arrived(1);
    arrivals[0]?.answer({ status: 200, body: 'one' });
    const answers = await Promise.all(both);
    expect(answers.map(({ answer }) => answer.text)).toEqual(['one', 'one']);
    expect(shared).toEqual([false, true]);
    const later = ask('/a');
    await arrived(2);
    arrivals[1]?.answer({ status: 200, body: 'two' });
    expect((await later).answer.text).toBe('two');
    expect(upstream.underWay).toBe(0);
  });

  it('shares a failure as well, and is begun anew after it', async () => {
    const { server, ask, arrivals, arrived } = await anUpstream();
    server.inject({ fault: { kind: 'reset' }, times: 1 });
    const both = await Promise.allSettled([ask('/a'), ask('/a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = ask('/a');
    await arrived(1);
    arrivals[0]?.answer();
    expect((await again).answer.status).toBe(200);
    expect(server.calls).toHaveLength(2);
  });

  it('is told of once when it fails, or is left, with how often it was sent', async () => {
    const { server, ask, arrived } = await anUpstream({
      resilience: { retries: 2, restMs: 5_000 },
    });
    server.inject({ fault: { kind: 'reset' }, times: 3 });
    const told: object[] = [];
    const observer = {
      onCall: ({ status, shared, tries }: ObservedCall) =>
        void told.push({ status, shared, tries }),
      onRows: () => undefined,
    };
    await Promise.allSettled([ask('/a', { observer }), ask('/a', { observer })]);
    expect(told.splice(0)).toEqual([
      { status: null, shared: false, tries: 3 },
      { status: null, shared: true, tries: 3 },
    ]);
    const leaving = new AbortController();
    const asker = { observer, signal: leaving.signal };
    const left = [ask('/b', asker), ask('/b', asker)];
    await arrived(1);
    leaving.abort();
    await Promise.allSettled([...left, ask('/c', asker)]);
    expect(told).toEqual([
      { status: null, shared: false, tries: 1 },
      { status: null, shared: true, tries: 0 },
    ]);
  });

  it('goes on for the others when one leaves, the first included', async () => {
    const { ask, arrived, arrivals, server } = await anUpstream();
    const leaving = new AbortController();
    const first = ask('/a', { signal: leaving.signal });
    const second = ask('/a');
    await arrived(1);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    arrivals[0]?.answer({ status: 200, body: 'still' });
    expect((await second).answer.text).toBe('still');
    expect(server.calls[0]?.aborted).toBeUndefined();
  });

  it('is tried again for those who have the time, though the first had none', async () => {
    const { ask, arrived, arrivals } = await anUpstream({
      resilience: { retries: 1, restMs: 5_000 },
    });
    const leaving = new AbortController();
    const first = ask('/a', { signal: leaving.signal, leftMs: () => 0 });
    const second = ask('/a', { leftMs: () => 30_000 });
    await arrived(1);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    arrivals[0]?.answer({ status: 503 });
    await arrived(2);
    arrivals[1]?.answer({ status: 200, body: 'well' });
    expect((await second).answer.text).toBe('well');
  });

  it('is stopped when the last leaves, and not joined from then on', async () => {
    const { ask, arrived, arrivals, server, upstream } = await anUpstream();
    const leavers = [new AbortController(), new AbortController()];
    const asked = leavers.map(({ signal }) => ask('/a', { signal }));
    await arrived(1);
    for (const leaver of leavers) {
      leaver.abort();
    }
    const next = ask('/a');
    await Promise.allSettled(asked);
    await expect.poll(() => server.calls[0]?.aborted).toBe(true);
    await arrived(2);
    arrivals[1]?.answer({ status: 200, body: 'new' });
    expect((await next).answer.text).toBe('new');
    expect(upstream.underWay).toBe(0);
  });

  it('is not begun for one who has left already', async () => {
    const { ask, server } = await anUpstream();
    await expect(ask('/a', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(server.calls).toEqual([]);
  });

  it('is not sent when all have left before there was a free lane, and waits no longer', async () => {
    const { ask, arrived, arrivals, server, upstream } = await anUpstream({ callsAtATime: 1 });
    const leaving = new AbortController();
    const before = ask('/before');
    const queued = ask('/queued', { signal: leaving.signal });
    await arrived(1);
    expect(upstream.vitals).toMatchObject({ calls: 2, waiting: 1 });
    leaving.abort();
    await expect(queued).rejects.toMatchObject({ kind: 'cancelled' });
    await expect.poll(() => upstream.vitals).toMatchObject({ calls: 1, waiting: 0 });
    arrivals[0]?.answer();
    await before;
    await expect.poll(() => upstream.underWay).toBe(0);
    expect(server.calls).toHaveLength(1);
  });
});

describe('Whoever has waited', () => {
  it.each([
    ['and been answered', async () => 1],
    ['in vain', () => Promise.reject(new Error('no'))],
  ])('%s listens to no signal any more', async (_how, begin) => {
    const listeners = new Set<unknown>();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: (_event: 'abort', listener: unknown) => void listeners.add(listener),
      removeEventListener: (_event: 'abort', listener: unknown) => void listeners.delete(listener),
    };
    const sharing = new Sharing<number>(() => new Error('left'));
    const asked = [1, 2].map(() => sharing.ask('me', 'this', { signal }, begin, asItIs));
    expect(listeners.size).toBe(2);
    await Promise.allSettled(asked);
    expect(listeners.size).toBe(0);
  });
});

describe('A write', () => {
  it('is never shared', async () => {
    const { write, arrived, arrivals } = await anUpstream();
    const both = [write(), write()];
    await arrived(2);
    for (const { answer } of arrivals) {
      answer();
    }
    await Promise.all(both);
  });

  it('ends the sharing of what the caller asked before it, and before its answer', async () => {
    const { ask, write, arrived, arrivals } = await anUpstream({ callsAtATime: 8 });
    const before = ask('/a');
    await arrived(1);
    const written = write();
    await arrived(2);
    const meanwhile = ask('/a');
    await arrived(3);
    arrivals[1]?.answer();
    await written;
    const after = ask('/a');
    await arrived(4);
    for (const [index, { answer }] of arrivals.entries()) {
      answer({ status: 200, body: String(index) });
    }
    const texts = await Promise.all([before, meanwhile, after]);
    expect(texts.map(({ answer }) => answer.text)).toEqual(['0', '2', '3']);
  });

  it('of one caller is nothing to another', async () => {
    const { ask, write, arrived, arrivals } = await anUpstream({ callsAtATime: 8 });
    const first = ask('/a', { fingerprint: 'other' });
    await arrived(1);
    const written = write();
    await arrived(2);
    const second = ask('/a', { fingerprint: 'other' });
    for (const { answer } of arrivals) {
      answer();
    }
    await Promise.all([first, second, written]);
    expect(arrivals).toHaveLength(2);
  });
});

describe('Whatever can change an answer', () => {
  it.each([
    ['the path', '/b', {}, {}],
    ['the credential', '/a', { authorization: 'Token b' }, {}],
    ['the impersonated user', '/a', { 'x-impersonated-user-uuid': 'b' }, {}],
    ['the forwarded address', '/a', { 'x-forwarded-for': '10.0.0.2' }, {}],
    ['the accepted media type', '/a', { accept: 'text/html' }, {}],
    ['the caller', '/a', {}, { fingerprint: 'another' }],
  ])('sets exchanges apart: %s', async (_part, path, headers, asker) => {
    const { ask, arrived, arrivals } = await anUpstream();
    const mine = ask('/a', {}, { authorization: 'Token a' });
    const theirs = ask(path, asker, { authorization: 'Token a', ...headers });
    await arrived(2);
    for (const { answer } of arrivals) {
      answer();
    }
    await Promise.all([mine, theirs]);
  });
});

describe('After 100,000 askers', () => {
  it('who come, join and leave at random, nothing is left', async () => {
    const sharing = new Sharing<number>(() => new Error('left'));
    let left = 100_000;
    let stopped = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            caller: fc.constantFrom('a', 'b', 'c'),
            key: fc.constantFrom('1', '2', '3', '4'),
            leaves: fc.boolean(),
            fails: fc.boolean(),
            ends: fc.integer({ min: 0, max: 50 }),
          }),
          { minLength: 1_000, maxLength: 1_000 },
        ),
        async (askers) => {
          const leavers: AbortController[] = [];
          const asked = askers.map(({ caller, key, leaves, fails, ends }, at) => {
            const leaver = new AbortController();
            if (leaves) {
              leavers.push(leaver);
            }
            if (ends === 0) {
              sharing.end(caller);
            }
            const begin = async (signal: StopSignal) => {
              signal.addEventListener('abort', () => {
                stopped += 1;
              });
              await new Promise(setImmediate);
              if (fails) {
                throw new Error('no');
              }
              return at;
            };
            return sharing.ask(caller, key, leaver, begin, asItIs);
          });
          for (const leaver of leavers) {
            leaver.abort();
          }
          await Promise.allSettled(asked);
          await new Promise(setImmediate);
          left -= askers.length;
          expect(sharing.size).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
    expect(left).toBe(0);
    expect(stopped).toBeGreaterThan(0);
  });
});
