/** What server groups and security groups have in common: their tenant makes them. */

import { json, refuse } from '../answers.ts';
import type { SecurityGroup, ServerGroup, Tenant } from '../model.ts';
import type { Desk } from './writes.ts';

/** Gives it a backend id once it is there. */
export function beginCreation(row: ServerGroup | SecurityGroup, { lifecycle }: Desk): void {
  lifecycle.begin(row, {
    kind: 'creation',
    onDone: () => {
      row.backendId = [...row.uuid].reverse().join('');
    },
  });
}

/** @throws {Refusal} 400 */
export function checkUnique(
  rows: readonly (ServerGroup | SecurityGroup)[],
  tenant: Tenant,
  taken: string,
  complaint: string,
): void {
  if (rows.some((row) => row.tenant === tenant && row.name === taken)) {
    refuse(json(400, { non_field_errors: [complaint] }));
  }
}
