/** The npm package, packed and installed into an empty folder. Needs a registry, or npm's cache. */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stratograph-package-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  const packed = stdout.trim().split('\n').at(-1) ?? '';
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const install = ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', [...install, `./${packed}`], { cwd: folder });
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const bin = () => join(folder, 'node_modules/.bin/stratograph');

/** Started as `npx stratograph` would, on this Node. */
async function running(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bin(), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  return new Promise<{ url: string; token: string; waldur: string; danube: string }>(
    (resolve, reject) => {
      const onPiece = (piece: Buffer) => {
        printed += piece.toString();
        const found = (form: RegExp) => form.exec(printed)?.[1] ?? '';
        if (/The graph:/.test(printed)) {
          resolve({
            url: found(/The graph:\s+(\S+)/),
            token: found(/Authorization: Token (\w+)/),
            waldur: found(/Waldur is at (\S+),/),
            danube: found(/Danube Cloud at (\S+)\./),
          });
        }
      };
      child.stdout.on('data', onPiece);
      child.stderr.on('data', onPiece);
      child.once('exit', () => reject(new Error(printed)));
    },
  );
}

async function ask(url: string, token: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: JSON.stringify({ query: '{ viewer { username } }' }),
  });
  return response.json();
}

describe('The package', () => {
  it('holds what is run, and nothing of the development tree', async () => {
    const installed = join(folder, 'node_modules/stratograph');
    expect((await readdir(installed)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'package.json',
      'schema.graphql',
      'subgraph.graphql',
    ]);
    const all = await readdir(join(installed, 'dist'), { recursive: true });
    expect(all.filter((name) => /\.test\.|(?<!\.d)\.ts$|\.map$/.test(name))).toEqual([]);
    const { scripts, devDependencies } = JSON.parse(
      await readFile(join(folder, 'node_modules/stratograph/package.json'), 'utf8'),
    );
    // They are named, and not installed.
    expect(scripts.prepack).toBeDefined();
    for (const name of Object.keys(devDependencies)) {
      await expect(readdir(join(folder, 'node_modules', name))).rejects.toThrow('ENOENT');
    }
  });

  it('runs the sandbox, GraphiQL included', async () => {
    const { url, token } = await running(['sandbox', '--size', 'small']);
    expect(await ask(url, token)).toEqual({ data: { viewer: { username: 'staff' } } });
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    expect(html).toContain('query WhoOwnsWhat');
    for (const [, path = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
      const asset = await fetch(new URL(path, url));
      expect(asset.status, path).toBe(200);
      const least = path.endsWith('graphiql.js') ? 1_000_000 : 100;
      expect((await asset.text()).length, path).toBeGreaterThan(least);
    }
  });

  it('serves configured clouds', async () => {
    const sandbox = await running(['sandbox', '--size', 'small']);
    const { url } = await running(['serve'], {
      WALDUR_URL: sandbox.waldur,
      DANUBE_URL: sandbox.danube,
      NODE_ENV: 'production',
    });
    expect(await ask(url, sandbox.token)).toEqual({ data: { viewer: { username: 'staff' } } });
  });

  it('can be used by a program, with types', async () => {
    const program = `
      import { readConfig } from 'stratograph/config';
      import { openGateway } from 'stratograph/gateway';
      import { openSandbox } from 'stratograph/sandbox';
      const sandbox = await openSandbox({ sizes: { projects: 4 } });
      const config = readConfig({ WALDUR_URL: sandbox.waldur.server.url });
      const silent = { info() {}, debug() {}, error() {} };
      const gateway = openGateway(config, silent, { headers: {} });
      const response = await gateway.fetch(new Request('http://gateway/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Token ' + sandbox.callers.staff.waldurToken },
        body: JSON.stringify({ query: '{ viewer { username } }' }),
      }));
      console.log(await response.text());
      await gateway.close();
      await sandbox.close();
    `;
    await writeFile(join(folder, 'program.mjs'), program);
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ data: { viewer: { username: 'staff' } } });
    const types = join(folder, 'node_modules/stratograph/dist/sandbox/sandbox.d.ts');
    expect(await readFile(types, 'utf8')).toContain('export declare function openSandbox');
  });

  it('says on a Node that is too old which one it needs', async () => {
    const older = `Object.defineProperty(process.versions, 'node', { value: '20.11.0' })`;
    const preload = join(folder, 'older.cjs');
    await writeFile(preload, older);
    const ended = await run(process.execPath, ['--require', preload, bin(), '--version']).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Stratograph needs Node.js 22.19 or newer; this is 20.11.0.'),
    });
  });
});
