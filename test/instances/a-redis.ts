/** A real Redis on a port of its own, gone with the test. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { aFreePort, portOf } from '../a-port.ts';

/** Whether this machine has one; says so when it has not. */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    console.warn('No redis-server is here: the tests of several instances are skipped.');
    return false;
  }
}

export async function aRedis() {
  const port = await aFreePort();
  let child: ChildProcess | undefined;
  const start = async () => {
    const started = spawn(
      'redis-server',
      ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.once('exit', () => reject(new Error('redis-server has ended')));
      started.stdout.on('data', (piece: Buffer) => {
        if (piece.toString().includes('Ready to accept connections')) {
          resolve();
        }
      });
    });
  };
  const kill = async () => {
    const killed = child;
    const ended = new Promise((resolve) => killed?.once('exit', resolve));
    killed?.kill('SIGKILL');
    await ended;
  };
  await start();
  onTestFinished(kill);
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 100 });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return {
    url: `redis://127.0.0.1:${port}`,
    /** A client of the test's own. */
    client,
    start,
    kill,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
  };
}

/** One that takes connections and answers nothing. */
export async function aSilentRedis() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  return {
    url: `redis://127.0.0.1:${await portOf(server)}`,
    /** So far. */
    connections: () => connections,
  };
}

/** A way to it on which each answer can be made late. */
export async function aSlowWay(url: string) {
  const { hostname, port } = new URL(url);
  let lateMs = 0;
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    client.pipe(redis);
    redis.on('data', (piece) => {
      setTimeout(() => client.writable && client.write(piece), lateMs);
    });
    const end = () => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      socket.on('error', end).on('close', end);
    }
    onTestFinished(end);
  });
  return {
    url: `redis://127.0.0.1:${await portOf(server)}`,
    /** Of each answer from now on. */
    delay: (ms: number) => {
      lateMs = ms;
    },
  };
}

export type TestRedis = Awaited<ReturnType<typeof aRedis>>;

/** Everything that is in it, as text: keys, and what they hold. */
export async function contentsOf({ client }: TestRedis): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const held =
      type === 'string'
        ? await client.get(key)
        : type === 'hash'
          ? await client.hgetall(key)
          : await client.zrange(key, '0', '-1');
    contents.set(key, JSON.stringify(held));
    expect(await client.pttl(key), `${key} stays for ever`).toBeGreaterThan(0);
  }
  return contents;
}
