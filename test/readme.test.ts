/** The first screen of the README, as a newcomer meets it. */

import { readFileSync } from 'node:fs';
import type { GraphQLInterfaceType } from 'graphql';
import { expect, it } from 'vitest';
import { shownFailures } from '../src/graph/failures.ts';
import { schema } from '../src/schema.ts';
import { aGateway } from './a-gateway.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

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
  const table = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## The graph'));
  for (const { code } of Object.values(shownFailures)) {
    expect(table).toContain(`\`${code}\``);
  }
});

it('changes things as the README shows', async () => {
  const examples = [...readme.matchAll(/```graphql\n([\s\S]*?)```\s*```json\n([\s\S]*?)```/g)];
  expect(examples).toHaveLength(3);
  const gateway = await aGateway();
  for (const [, query = '', answer = ''] of examples) {
    expect(await gateway.run(query)).toEqual(JSON.parse(answer));
  }
  const lines = gateway.logged.map((line) => JSON.parse(line) as { topUps?: string[] });
  expect(lines.flatMap(({ topUps }) => topUps ?? [])).toEqual([]);
});

it('has every Failure and every setting in a table', () => {
  const failures = schema.getPossibleTypes(schema.getType('Failure') as GraphQLInterfaceType);
  for (const { name } of failures) {
    expect(readme).toContain(`| \`${name}\``);
  }
  const config = readFileSync(new URL('../src/config.ts', import.meta.url), 'utf8');
  const names = [...config.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(20);
  const shared = readme.replaceAll(/`(SANDBOX)_(\w+)`((?:, `_\w+`)+)/g, (_all, first, one, rest) =>
    [`_${one}`, ...rest.match(/_\w+/g)].map((end) => `\`${first}${end}\``).join(', '),
  );
  for (const name of names) {
    expect(shared).toContain(`\`${name}\``);
  }
});
