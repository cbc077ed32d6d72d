/** A simulated Waldur of one's own, asked without a gateway before it. */

import { onTestFinished } from 'vitest';
import { openSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export type Caller = 'staff' | 'owner' | 'member' | 'stranger';

export async function aWaldur(options: SandboxOptions = {}) {
  const sandbox = await openSandbox(options);
  onTestFinished(() => sandbox.close());
  const { server, world } = sandbox.waldur;
  const ask = async (path: string, init: RequestInit = {}, as: Caller | null = 'staff') => {
    const response = await fetch(`${server.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: {
        ...(as === null ? {} : { authorization: `Token ${sandbox.callers[as].waldurToken}` }),
        ...init.headers,
      },
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
    const body: any = isJson && text !== '' ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body };
  };
  return { sandbox, server, world, ask };
}
