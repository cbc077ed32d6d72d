/** What the pages show as answers is what is answered. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { GraphQLInterfaceType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { shownFailures } from '../../src/graph/failures.ts';
import { openClock } from '../../src/sandbox/clock.ts';
import { schema } from '../../src/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { allPages, page, section as sectionOf } from './pages.ts';

const readme = page('README.md');

it('answers the query of the README as the README shows', async () => {
  const gateway = await aGateway();
  const body = /-d '(\{"query".*\})'/.exec(readme)?.[1] ?? '';
  const token = /authorization: (Token [0-9a-f]{40})/.exec(readme)?.[1] ?? '';
  const shown = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const response = await gateway.request({
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: token },
    body,
  });
  expect(await response.json()).toEqual(JSON.parse(shown));
});

it('has every error code in its table', () => {
  const table = sectionOf('docs/frontend.md', 'Errors');
  for (const { code } of Object.values(shownFailures)) {
    expect(table).toContain(`\`${code}\``);
  }
});

it('finds and changes things as the pages show', async () => {
  const examples = [...allPages.matchAll(/```graphql\n([\s\S]*?)```\s*```json\n([\s\S]*?)```/g)];
  expect(examples).toHaveLength(8);
  const gateway = await aGateway();
  for (const [, query = '', answer = ''] of examples) {
    expect(await gateway.run(query)).toEqual(JSON.parse(answer));
  }
  const lines = gateway.logged.map((line) => JSON.parse(line) as { topUps?: string[] });
  expect(lines.flatMap(({ topUps }) => topUps ?? [])).toEqual([]);
});

describe('Following along', () => {
  const section = sectionOf('docs/frontend.md', 'Following along');

  /** With the machine of the example under way; two seconds of the sandbox's pass with each look. */
  async function aDeployment() {
    const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
    const env = { WATCH_LEAST_MS: '2', WATCH_MOST_MS: '5' };
    const gateway = await aGateway({ clock, env });
    const creation = /```graphql\n(mutation \{\s+createVirtualMachine[\s\S]*?)```/.exec(
      allPages,
    )?.[1];
    await gateway.run(creation ?? '');
    gateway.sandbox.danube.server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: () => {
        clock.advance(2_000);
        return false;
      },
    });
    return gateway;
  }

  it('shows what curl gets', async () => {
    const gateway = await aDeployment();
    const headers = [...section.matchAll(/-H '([^:]+): ([^']+)'/g)];
    const response = await gateway.request({
      method: 'POST',
      headers: Object.fromEntries(headers.map(([, name, value]) => [name, value])),
      body: /-d '(.*)'/.exec(section)?.[1] ?? '',
    });
    const shown = /```\n(event: [\s\S]*?)```/.exec(section)?.[1] ?? '';
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && line !== ':');
    expect(lines(await response.text())).toEqual(lines(shown));
  });

  it('is ten lines with graphql-sse', async () => {
    const gateway = await aDeployment();
    const program = /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
    expect(program.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(10);
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      program.replace('http://127.0.0.1:4000/graphql', gateway.url),
    ]);
    expect(stdout).toBe('DEPLOYING\nRUNNING\n');
  });
});

it('has every Failure and every setting in a table', () => {
  const failures = schema.getPossibleTypes(schema.getType('Failure') as GraphQLInterfaceType);
  for (const { name } of failures) {
    expect(allPages).toContain(`| \`${name}\``);
  }
  const config = readFileSync(new URL('../../src/settings.ts', import.meta.url), 'utf8');
  const names = [...config.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(20);
  const shared = allPages.replaceAll(
    /`(SANDBOX)_(\w+)`((?:, `_\w+`)+)/g,
    (_all, first, one, rest) =>
      [`_${one}`, ...rest.match(/_\w+/g)].map((end) => `\`${first}${end}\``).join(', '),
  );
  for (const name of names) {
    expect(shared).toContain(`\`${name}\``);
  }
});
