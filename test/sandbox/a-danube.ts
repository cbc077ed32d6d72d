/** The simulated Danube Cloud alone, asked as its clients ask. Its time stands still. */

import { onTestFinished } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import { openSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export type DanubeCaller = 'staff' | 'owner' | 'member' | 'stranger';

export async function aDanube(options: SandboxOptions = {}) {
  const clock = openClock(Date.UTC(2026, 5, 1));
  const sandbox = await openSandbox({ danubeCallsPerMinute: null, clock, ...options });
  onTestFinished(() => sandbox.close());
  const { server, world } = sandbox.danube;
  const ask = async (path: string, init: RequestInit = {}, as: DanubeCaller | null = 'staff') => {
    const response = await fetch(`${server.url}/api${path}`, {
      redirect: 'manual',
      ...init,
      headers: {
        ...(as === null ? {} : { 'es-api-key': sandbox.callers[as].danubeApiKey }),
        ...init.headers,
      },
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
    let body: any = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Danube's own oddity: text that calls itself JSON.
    }
    return { status: response.status, headers: response.headers, body, text };
  };
  return { sandbox, clock, server, world, ask };
}
