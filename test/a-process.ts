/** The program as a process of its own, gone with the test. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

type Surroundings = Readonly<Record<string, string>>;

/** Surroundings in which a server cannot be closed. */
export const cannotClose = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    'import { Server } from "node:http"; Server.prototype.close = () => { throw new Error("it cannot be closed"); };',
  )}`,
};

/** One that has only been started, with its exit code once it ends. */
export function aStartedProcess(args: readonly string[], env: Surroundings) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  return { child, exit };
}

/** One that ends by itself, with all that it has printed. */
export async function anEndedProcess(args: readonly string[], env: Surroundings = {}) {
  const { child, exit } = aStartedProcess(args, env);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { stdout, stderr, code };
}

/** One that serves, on any free port; with the graph's address, and the key of the sandbox's staff. */
export async function aRunningProcess(args: readonly string[] = [], env: Surroundings = {}) {
  const { child, exit } = aStartedProcess(args, { PORT: '0', ...env });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString();
      const found = /The graph:\s+(\S+)/.exec(printed)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.stderr.on('data', (piece: Buffer) => {
      printed += piece.toString();
    });
    child.once('exit', () => reject(new Error(`it has ended: ${printed}`)));
  });
  const found = (form: RegExp) => form.exec(printed)?.[1] ?? '';
  return {
    child,
    exit,
    url,
    /** So far. */
    printed: () => printed,
    token: found(/Authorization: Token (\w+)/),
    key: found(/X-Danube-Api-Key: (\w+)/),
  };
}
