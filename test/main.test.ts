/** The process as an operator meets it. */

import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function started(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...env } });
  onTestFinished(() => void child.kill());
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { stdout, stderr, code };
}

it('ends with 1 and the reason when its port is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await started({ PORT: String(port) });
  expect(stderr).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
  expect(code).toBe(1);
});

it('ends with 1 and every fault of the settings, without a value of theirs', async () => {
  const { code, stderr } = await started({ WALDUR_URL: 'nope', PORT: 'x' });
  expect(stderr).toBe(
    'The settings have faults:\n- PORT must be a whole number from 0 to 65535\n- WALDUR_URL must be an http or https URL\n',
  );
  expect(code).toBe(1);
});
