/** The processes that are measured, and those that they are measured against. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface World {
  readonly url: string;
  /** Each of somebody who sees everything, one at least; calls of two of them are never shared. */
  readonly tokens: readonly [string, ...string[]];
  /** Calls that it has taken since it was last asked. */
  calls(): Promise<number>;
}

export interface Gateway {
  readonly url: string;
  /** Seconds that it has computed so far, as its own metrics tell. */
  cpuSeconds(): Promise<number>;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const env = { PATH: process.env.PATH };

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null;

/** Ends it with the stack. */
function owned<C extends ChildProcess>(stack: AsyncDisposableStack, child: C): C {
  stack.defer(async () => {
    if (!hasEnded(child)) {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    }
  });
  return child;
}

/** @throws when it ends before the promise is kept */
async function unlessItEnds<A>(child: ChildProcess, promised: Promise<A>): Promise<A> {
  if (hasEnded(child)) {
    throw new Error(`${child.spawnargs.join(' ')} has ended`);
  }
  const stop = new AbortController();
  const end = once(child, 'exit', { signal: stop.signal }).then(() => {
    throw new Error(`${child.spawnargs.join(' ')} has ended`);
  });
  try {
    return await Promise.race([promised, end]);
  } finally {
    end.catch(() => undefined);
    stop.abort();
  }
}

async function answer<A>(child: ChildProcess): Promise<A> {
  const [told] = await unlessItEnds(child, once(child, 'message'));
  return told as A;
}

export interface WorldPlan {
  readonly securityGroups: number;
  /** From a request to its answer. */
  readonly latencyMs: number;
  /** How many tokens there are, one at least. */
  readonly callers: number;
}

/** @throws when it ends before it has said where it is */
export async function openWorld(
  stack: AsyncDisposableStack,
  { securityGroups, latencyMs, callers }: WorldPlan,
): Promise<World> {
  const args = [securityGroups, latencyMs, callers].map(String);
  const child = owned(stack, fork(here('world.ts'), args, { env }));
  return {
    ...(await answer<Pick<World, 'url' | 'tokens'>>(child)),
    async calls() {
      const told = answer<{ calls: number }>(child);
      child.send('calls');
      return (await told).calls;
    },
  };
}

/**
 * With the settings that it has by itself, but that each answer is worked out: nothing changes in these worlds.
 *
 * @throws when it ends before it has said where it is
 */
export async function openGateway(stack: AsyncDisposableStack, world: World): Promise<Gateway> {
  // Without a channel: it begins again in its own place then, with its limits of memory, as it does for users.
  const child = owned(
    stack,
    spawn(process.execPath, [here('../../src/main.ts')], {
      env: { ...env, PORT: '0', WALDUR_URL: world.url, KEEP_UNCHANGED_MIB: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  let printed = '';
  const said = new Promise<string>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      // What comes after it is the log.
      if (printed.length < 10_000) {
        printed += piece.toString();
        const found = /The graph:\s+(\S+)/.exec(printed)?.[1];
        if (found !== undefined) {
          resolve(found);
        }
      }
    });
  });
  const url = await unlessItEnds(child, said);
  return {
    url,
    async cpuSeconds() {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      const found = /^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1];
      if (found === undefined) {
        throw new Error('the gateway does not tell what it has computed');
      }
      return Number(found);
    },
  };
}
