/** The log's lines, beside those that pino makes by itself. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const file = new URL('../../src/cli/log-lines.ts', import.meta.url).href;

const said = `
  log.info({ text: 'a "b"\\n', none: undefined, no: null, list: [1, 'two'], number: 0.5 }, 'one');
  log.error({ err: new Error('broken'), errorId: 'x' }, 'two');
  log.warn('three');
  log.child({ of: 'child' }).info({}, 'four');
  log.debug({}, 'not told');
  for (let line = 0; line < 200; line += 1) {
    log.info({ line, ...(line % 50 === 0 ? { err: new Error('again') } : {}) }, 'one of many');
  }
`;

/** What is printed, without what is never the same. */
async function printed(opening: string) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    `${opening}\n${said}`,
  ]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { time, pid, err, ...told } = JSON.parse(line);
      expect([typeof time, typeof pid]).toEqual(['number', 'number']);
      return { ...told, error: err?.message };
    });
}

it('say what its own would', async () => {
  const ours = await printed(`import { openLog } from '${file}'; const log = openLog('info');`);
  const own = await printed(`import { pino } from 'pino'; const log = pino({ level: 'info' });`);
  expect(ours).toHaveLength(204);
  expect(ours[1]).toMatchObject({ msg: 'two', errorId: 'x', error: 'broken' });
  expect(ours).toEqual(own);
});
