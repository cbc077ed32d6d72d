/** examples/react, built as its package says and used in Chromium. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import { aBrowser, aPage } from '../browser/a-browser.ts';

const exec = promisify(execFile);
const folder = fileURLToPath(new URL('../../examples/react/', import.meta.url));
const schemaFile = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

/** As outside of a test: tools are more silent in one. */
const npm = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  exec('npm', [...args], { cwd: folder, env: { ...process.env, NODE_ENV: '', ...env } });

let browser: Browser;
let dist: string;

beforeAll(async () => {
  if (!existsSync(join(folder, 'node_modules'))) {
    await npm(['ci', '--no-audit', '--no-fund']);
  }
  dist = await mkdtemp(join(tmpdir(), 'stratograph-react-'));
  await npm(['run', 'build', '--', '--outDir', join(dist, 'plain')]);
  await npm(['run', 'build:persisted', '--', '--outDir', join(dist, 'persisted')]);
  browser = await aBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});

interface ViteServer {
  readonly resolvedUrls: { readonly local: readonly string[] } | null;
  close(): Promise<void>;
}

interface Vite {
  readonly preview: (options: object) => Promise<ViteServer>;
  readonly createServer: (
    options: object,
  ) => Promise<ViteServer & { listen(): Promise<ViteServer> }>;
}

/** The page as its own settings serve it: built, or as `npm run dev` does. */
async function served(gateway: TestGateway, build: 'plain' | 'persisted' | 'dev') {
  const vite = (await import(
    pathToFileURL(join(folder, 'node_modules/vite/dist/node/index.js')).href
  )) as Vite;
  vi.stubEnv('GATEWAY', new URL(gateway.url).origin);
  const at = { host: '127.0.0.1', port: 0 };
  const shown = { root: folder, logLevel: 'silent', server: at, preview: at };
  const server =
    build === 'dev'
      ? await (await vite.createServer(shown)).listen()
      : await vite.preview({ ...shown, build: { outDir: join(dist, build) } });
  onTestFinished(() => server.close());
  return server.resolvedUrls?.local[0] ?? '';
}

/** The page in front of a gateway, with somebody's credentials entered. */
async function opened(
  gateway: TestGateway,
  build: Parameters<typeof served>[1],
  token = gateway.sandbox.callers.staff.waldurToken,
) {
  const url = await served(gateway, build);
  const noted = await aPage(browser, { viewport: { width: 1100, height: 900 } });
  const { page } = noted;
  onTestFinished(() => page.context().close());
  await page.goto(url);
  const { danubeApiKey } = gateway.sandbox.callers.staff;
  await page.getByLabel("Waldur's token").fill(token);
  await page.getByLabel("Danube's API key").fill(danubeApiKey);
  await page.getByRole('button', { name: 'Enter' }).click();
  return noted;
}

/** A sandbox in which two seconds pass with each look. */
async function aScene(env: Readonly<Record<string, string>> = {}) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({
    clock,
    env: { WATCH_LEAST_MS: '50', WATCH_MOST_MS: '50', ...env },
  });
  for (const { server } of [gateway.sandbox.waldur, gateway.sandbox.danube]) {
    server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: ({ method }) => {
        clock.advance(method === 'GET' ? 1_000 : 0);
        return false;
      },
    });
  }
  return gateway;
}

describe('The page', { timeout: 60_000 }, () => {
  it('is there while it is written, from what its package says', async () => {
    const gateway = await aScene();
    const { page, complaints } = await opened(gateway, 'dev');
    await page.getByRole('heading', { name: 'Security groups: 400' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('filters and pages through security groups', async () => {
    const gateway = await aScene();
    const { page, complaints, elsewhere } = await opened(gateway, 'plain');
    await page.getByRole('heading', { name: 'Security groups: 400' }).waitFor();
    const names = () => page.getByRole('rowheader').allInnerTexts();
    const first = await names();
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(names).not.toEqual(first);
    await page.getByRole('button', { name: 'Back' }).click();
    await expect.poll(names).toEqual(first);
    await page.getByLabel('State').selectOption('erred');
    const erred = gateway.sandbox.waldur.world.securityGroups.filter(
      ({ state }) => state === 'ERRED',
    );
    await page
      .getByRole('heading', { name: `Security groups: ${erred.length}`, exact: true })
      .waitFor();
    await page.getByLabel('Name', { exact: true }).fill('no such group');
    await page.getByRole('heading', { name: 'Security groups: 0' }).waitFor();
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
  });

  it('says why there is nothing to show', async () => {
    const gateway = await aScene();
    const { page } = await opened(gateway, 'plain', 'nobody');
    await page.getByRole('alert').getByText('credential').waitFor();
  });

  it('shows a state as it changes', async () => {
    const gateway = await aScene();
    const [group] = gateway.sandbox.waldur.world.securityGroups;
    Object.assign(group ?? {}, { state: 'OK', backendId: 'b', name: 'watched-by-a-test' });
    const { page, complaints } = await opened(gateway, 'plain');
    await page.getByLabel('Name', { exact: true }).fill('watched-by-a-test');
    const row = page.getByRole('row', { name: 'watched-by-a-test' });
    const seen = await row.locator('[data-state]').evaluateHandle((cell) => {
      const states: string[] = [];
      const note = () =>
        states.push((cell as unknown as { dataset: { state: string } }).dataset.state);
      new globalThis.MutationObserver(note).observe(cell, { attributes: true });
      return states;
    });
    await row.getByRole('button', { name: 'Pull' }).click();
    await expect
      .poll(async () => (await seen.jsonValue()).slice(-2), { timeout: 10_000 })
      .toEqual(['UPDATING', 'OK']);
    expect(complaints).toEqual([]);
  });

  it('deploys a machine and shows how far it is', async () => {
    const gateway = await aScene();
    const { page, complaints } = await opened(gateway, 'plain');
    await page.getByLabel('Hostname').fill('made-in-react.lan');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText('made-in-react.lan is DEPLOYING').waitFor();
    await page.getByText(/made-in-react\.lan is RUNNING 10\./).waitFor();
    await page.getByLabel('Hostname').fill('not a hostname');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page
      .getByRole('listitem')
      .getByText(/^hostname must/)
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('is served whole by a gateway that knows its operations and no others', async () => {
    const gateway = await aScene({
      PERSISTED_OPERATIONS: join(folder, 'src/gql/persisted-documents.json'),
      PERSISTED_OPERATIONS_ONLY: '1',
    });
    const { page, complaints } = await opened(gateway, 'persisted');
    await page.getByRole('heading', { name: 'Security groups: 400' }).waitFor();
    await page.getByLabel('Hostname').fill('made-in-react.lan');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText(/made-in-react\.lan is RUNNING/).waitFor();
    expect(complaints).toEqual([]);
    const { errors } = await gateway.run('{ viewer { username } }');
    expect(errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_ONLY');
  });
});

/** The schema with some of it exchanged, in a file that is gone with the test. */
async function schemaWith(pattern: RegExp, replacement: string): Promise<string> {
  const schema = await readFile(schemaFile, 'utf8');
  const changed = schema.replace(pattern, replacement);
  expect(changed).not.toBe(schema);
  const file = join(dist, 'changed.graphql');
  await writeFile(file, changed);
  return file;
}

describe('Its build', { timeout: 60_000 }, () => {
  const customer = /(type SecurityGroup [\s\S]*?)\n {2}"{3}[^"]*"{3}\n {2}customer: Customer!/;

  // The types that the other tests were built with.
  afterAll(() => npm(['run', 'types']));

  it('fails when a field of its queries is gone from the schema', async () => {
    const SCHEMA = await schemaWith(customer, '$1');
    await expect(npm(['run', 'types'], { SCHEMA })).rejects.toMatchObject({
      stderr: expect.stringContaining('Cannot query field "customer" on type "SecurityGroup"'),
    });
  });

  it('fails with an error of types where a field may be null all at once', async () => {
    const SCHEMA = await schemaWith(customer, '$1\n  customer: Customer');
    await npm(['run', 'types'], { SCHEMA });
    await expect(npm(['exec', 'tsc'])).rejects.toMatchObject({
      stdout: expect.stringMatching(/groups\.tsx.*TS18047: 'group.customer' is possibly 'null'/),
    });
  });
});
