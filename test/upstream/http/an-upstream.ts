/** An upstream before a real server that answers when it is told to; both are gone when the test is. */

import { onTestFinished } from 'vitest';
import { type Answer, openServer, type ReceivedCall } from '../../../src/sandbox/server.ts';
import type { Asker } from '../../../src/upstream/http/asker.ts';
import { defaultHttpLimits } from '../../../src/upstream/http/send.ts';
import { type Allowance, Upstream } from '../../../src/upstream/http/upstream.ts';

export async function anUpstream(allowance: Partial<Allowance> = {}) {
  const arrivals: { call: ReceivedCall; answer: (answer?: Answer) => void }[] = [];
  let onArrival = () => {};
  const server = await openServer(
    (call) =>
      new Promise((resolve) => {
        arrivals.push({
          call,
          answer: (answer = { status: 200, body: call.target }) => resolve(answer),
        });
        onArrival();
      }),
  );
  const upstream = new Upstream('waldur', new URL(server.url), defaultHttpLimits, {
    callsAtATime: 4,
    callsInAll: 1_000,
    routeOf: (path) => path,
    resilience: { retries: 0, restMs: 5_000 },
    ...allowance,
  });
  onTestFinished(async () => {
    for (const { answer } of arrivals) {
      answer();
    }
    await upstream.close();
    await server.close();
  });
  const asAsker = (asker: Partial<Asker>): Asker => ({
    fingerprint: 'me',
    signal: undefined,
    observer: undefined,
    ...asker,
  });
  return {
    server,
    upstream,
    arrivals,
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        onArrival = () => {
          if (arrivals.length >= count) {
            resolve();
          }
        };
        onArrival();
      }),
    ask: (path: string, asker: Partial<Asker> = {}, headers: Record<string, string> = {}) =>
      upstream.ask(
        { method: 'GET', path, headers: { accept: 'application/json', ...headers } },
        asAsker(asker),
      ),
    write: (asker: Partial<Asker> = {}) =>
      upstream.ask({ method: 'POST', path: '/write', headers: {} }, asAsker(asker)),
  };
}
