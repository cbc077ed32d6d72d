/** The processes that are measured, and those that they are measured against. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface World {
  readonly url: string;
  readonly token: string;
  /** Calls that it has taken since it was last asked. */
  calls(): Promise<number>;
}

export interface Gateway {
  readonly url: string;
  /** Seconds that it has computed so far, as its own metrics tell. */
  cpuSeconds(): Promise<number>;
}

async function opened(stack: AsyncDisposableStack, file: string, args: string[], env: object) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  stack.defer(async () => {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  });
  return child;
}

const answer = async <A>(child: ChildProcess) => (await once(child, 'message'))[0] as A;

/** @param latencyMs - from a request to its answer */
export async function openWorld(
  stack: AsyncDisposableStack,
  securityGroups: number,
  latencyMs: number,
): Promise<World> {
  const child = await opened(stack, 'world.ts', [String(securityGroups), String(latencyMs)], {});
  const { url, token } = await answer<{ url: string; token: string }>(child);
  return {
    url,
    token,
    async calls() {
      const told = answer<{ calls: number }>(child);
      child.send('calls');
      return (await told).calls;
    },
  };
}

/** With the settings that it has by itself, but that each answer is worked out: nothing changes in these worlds. */
export async function openGateway(stack: AsyncDisposableStack, world: World): Promise<Gateway> {
  const child = await opened(stack, '../../src/main.ts', [], {
    PORT: '0',
    WALDUR_URL: world.url,
    KEEP_UNCHANGED_MIB: '0',
  });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (piece: Buffer) => {
      // What comes after it is the log.
      if (printed.length < 10_000) {
        printed += piece.toString();
        const found = /The graph:\s+(\S+)/.exec(printed)?.[1];
        if (found !== undefined) {
          resolve(found);
        }
      }
    });
    child.once('exit', () => reject(new Error('the gateway has ended')));
  });
  return {
    url,
    async cpuSeconds() {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
    },
  };
}
