/** What nobody expected stays inside. */

import { expect, it } from 'vitest';
import { aYoga } from './a-yoga.ts';

it('masks an unexpected error, under an id that the log has too', async () => {
  const { ask, logged } = aYoga();
  const response = await ask('{ projects { totalCount } }');
  const text = await response.text();
  const [error] = (JSON.parse(text) as { errors: { extensions: Record<string, string> }[] }).errors;
  expect(text).not.toContain('inside');
  expect(error).toMatchObject({
    message: 'Unexpected error.',
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) },
  });
  expect(logged.join('')).toContain(error?.extensions.errorId);
  expect(logged.join('')).toContain('the inside of the gateway');
});
