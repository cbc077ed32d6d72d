/** What payers have asked for, where nobody else counts. */

import { expect, it } from 'vitest';
import { OwnAllowances } from '../../src/edge/own-allowances.ts';

it('forgets who has asked longest ago when there are too many', async () => {
  const allowances = new OwnAllowances(10, 60, () => 1, 2);
  const spent = async (payer: string) => (await allowances.take(payer, 1)).state.consumedPoints;
  await spent('steady');
  await spent('made up');
  await spent('steady');
  await spent('made up, too');
  expect([await spent('steady'), await spent('made up')]).toEqual([3, 1]);
});

it('counts a share of what all instances allow', async () => {
  const allowances = new OwnAllowances(10, 60, () => 3);
  const { state, share } = await allowances.take('anybody', 4);
  expect(share).toBe(3);
  expect(state).toMatchObject({ consumedPoints: 4, remainingPoints: 0 });
});
