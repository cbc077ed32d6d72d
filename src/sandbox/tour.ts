/** What visitors of a sandbox are shown first: whom they can be, and something to try things on. */

import type { Sandbox, SandboxCaller } from './sandbox.ts';

/** Headers by which the gateway knows a caller. */
const headersOf = ({ waldurToken, danubeApiKey }: SandboxCaller) => ({
  Authorization: `Token ${waldurToken}`,
  'X-Danube-Api-Key': danubeApiKey,
});

/**
 * Staff at first, all callers to choose from, and names that exist: an image and a network of the first
 * datacenter, a security group that has settled and has rules, and the id that the next new rule will have.
 */
export function tourOf({ callers, waldur }: Sandbox) {
  const group = waldur.world.securityGroups.find(
    ({ state, name, rules }) => state === 'OK' && name !== 'default' && rules.length > 0,
  );
  const ruleIds = waldur.world.securityGroups.flatMap(({ rules }) => rules.map(({ id }) => id));
  return {
    headers: headersOf(callers.staff),
    callers: Object.entries(callers).map(([name, caller]) => ({
      name,
      headers: headersOf(caller),
    })),
    variables: {
      hostname: 'first-steps.lan',
      image: 'base-64',
      net: 'lan',
      ...(group && { group: group.uuid }),
      closed: [ruleIds.reduce((most, id) => Math.max(most, id), 0) + 1],
    },
  };
}
