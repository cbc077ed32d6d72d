/** What is new is made among the young, whatever has outlived collections before. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const memory = new URL('../../src/cli/memory.ts', import.meta.url).href;

/**
 * Makes so many that live on that V8 would make their kind among the old from then on: as soon as it has
 * compiled for that, which it does aside.
 */
const program = `
  const { limitMemory } = await import('${memory}');
  limitMemory(['node', 'program']);
  const make = (n) => ({ within: [n] });
  const kept = [];
  let isYoung = true;
  for (let round = 0; round < 20 && isYoung; round += 1) {
    for (let n = 0; n < 50_000; n += 1) kept.push(make(n));
    await new Promise(setImmediate);
    isYoung = %InYoungGeneration(make(1).within);
  }
  console.log(isYoung);
`;

async function isYoung(...flags: readonly string[]): Promise<boolean> {
  const given = ['--allow-natives-syntax', '--max-semi-space-size=1', ...flags];
  const asked = [...given, '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, asked);
  return stdout.trim() === 'true';
}

it('keeps what is new apart from what lives long', async () => {
  expect(await isYoung()).toBe(true);
});

it('leaves the choice to the operator', async () => {
  expect(await isYoung('--allocation-site-pretenuring')).toBe(false);
});
