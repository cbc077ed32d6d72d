/** One exchange with an origin that misbehaves. */

import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailureKind } from '../../../src/failure.ts';
import { type Answer, openServer } from '../../../src/sandbox/server.ts';
import { defaultHttpLimits, type HttpLimits, openOrigin } from '../../../src/upstream/http/send.ts';

async function anOrigin(answer: Answer, limits: Partial<HttpLimits> = {}, path = '') {
  const server = await openServer(() => answer);
  const origin = openOrigin('waldur', new URL(`${server.url}${path}`), {
    ...defaultHttpLimits,
    ...limits,
  });
  onTestFinished(async () => {
    await origin.close();
    await server.close();
  });
  return {
    server,
    origin,
    get: (signal?: AbortSignal) =>
      origin.send({ method: 'GET', path: '/x?secret=1', headers: {}, signal }),
  };
}

const failing = (kind: FailureKind) => expect.objectContaining({ kind, upstream: 'waldur' });

const slowly = async function* (pieces: number): AsyncGenerator<string> {
  for (let at = 0; at < pieces; at += 1) {
    yield 'x'.repeat(1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('send', () => {
  it('gives status, headers and text, whatever the status', async () => {
    const { get } = await anOrigin({ status: 418, headers: { 'x-pot': 'tea' }, body: 'short' });
    expect(await get()).toMatchObject({ status: 418, text: 'short', headers: { 'x-pot': 'tea' } });
  });

  it('keeps what came in pieces in memory of its own', async () => {
    const { get } = await anOrigin({ status: 200, pieces: slowly(2) });
    const { body } = await get();
    expect(body.toString()).toBe('x'.repeat(2_048));
    expect(body.buffer.byteLength).toBe(2_048);
  });

  it('puts the base path of the origin before the path', async () => {
    const { server, get } = await anOrigin({ status: 200 }, {}, '/cloud/');
    await get();
    expect(server.calls[0]?.target).toBe('/cloud/x?secret=1');
  });

  it('reads headers as long as four of the longest request lines', async () => {
    const link = Array.from(
      { length: 4 },
      () => `<https://waldur/?${'a%2C'.repeat(1_500)}>`,
    ).join();
    const { get } = await anOrigin({ status: 200, headers: { link } });
    expect((await get()).headers.link).toBe(link);
  });

  it('does not follow redirects', async () => {
    const { server, get } = await anOrigin({ status: 302, headers: { location: '/elsewhere' } });
    expect((await get()).status).toBe(302);
    expect(server.calls).toHaveLength(1);
  });

  it('is malformed when the answer is larger than allowed, announced or not', async () => {
    const announced = await anOrigin(
      { status: 200, body: 'x'.repeat(5000) },
      { maxAnswerBytes: 4096 },
    );
    await expect(announced.get()).rejects.toEqual(failing('malformed'));
    const streamed = await anOrigin({ status: 200, pieces: slowly(8) }, { maxAnswerBytes: 4096 });
    await expect(streamed.get()).rejects.toEqual(failing('malformed'));
  });

  it('is timed-out when the headers, a piece or the whole takes too long', async () => {
    const { server, get } = await anOrigin({ status: 200 }, { answerTimeoutMs: 60 });
    server.inject({ fault: { kind: 'hang' } });
    await expect(get()).rejects.toEqual(failing('timed-out'));
    const slow = await anOrigin({ status: 200, pieces: slowly(100) }, { answerTimeoutMs: 120 });
    await expect(slow.get()).rejects.toEqual(failing('timed-out'));
  });

  it('is unavailable when nobody listens, or the connection breaks', async () => {
    const { server, get } = await anOrigin({ status: 200, body: 'x'.repeat(100) });
    server.inject({ times: 1, fault: { kind: 'reset' } });
    await expect(get()).rejects.toEqual(failing('unavailable'));
    server.inject({ times: 1, fault: { kind: 'truncate', share: 0.5 } });
    await expect(get()).rejects.toEqual(failing('unavailable'));
    await server.close();
    await expect(get()).rejects.toEqual(failing('unavailable'));
  });

  it('is cancelled when the signal fires, before or during the answer, and the upstream is left', async () => {
    const { server, get } = await anOrigin({ status: 200 });
    await expect(get(AbortSignal.abort())).rejects.toEqual(failing('cancelled'));
    expect(server.calls).toHaveLength(0);
    server.inject({ fault: { kind: 'hang' } });
    const leaving = new AbortController();
    const answer = get(leaving.signal);
    await expect.poll(() => server.calls.length).toBe(1);
    leaving.abort();
    await expect(answer).rejects.toEqual(failing('cancelled'));
    await expect.poll(() => server.calls[0]?.aborted).toBe(true);
  });

  it('names method and path in its error, and nothing of the query', async () => {
    const { server, get } = await anOrigin({ status: 200 });
    server.inject({ fault: { kind: 'reset' } });
    const error = await get().catch((reason: Error) => reason);
    expect((error as Error).message).toMatch(/^GET \/x: /);
    expect((error as Error).message).not.toContain('secret');
  });
});
