/** The first screen of the README, as a newcomer meets it. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shownFailures } from '../src/graph/failures.ts';
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
