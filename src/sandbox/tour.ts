/** What visitors of a sandbox are shown first: whom they can be, and something to try things on. */

import type { Sandbox, SandboxCaller } from './sandbox.ts';

/** Headers by which the gateway knows a caller. */
const headersOf = ({ waldurToken, danubeApiKey }: SandboxCaller) => ({
  Authorization: `Token ${waldurToken}`,
  'X-Danube-Api-Key': danubeApiKey,
});

/**
 * Staff at first, all callers to choose from, and names that exist: an image and a network of the first
 * datacenter, and a security group that has settled, with its rules.
 */
export function tourOf({ callers, waldur }: Sandbox) {
  const group = waldur.world.securityGroups.find(
    ({ state, name, rules }) => state === 'OK' && name !== 'default' && rules.length > 0,
  );
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
      ...(group && {
        group: group.uuid,
        kept: group.rules.map(({ id, ethertype, direction }) => ({
          ruleId: id,
          ethertype: ethertype.toUpperCase(),
          direction: direction.toUpperCase(),
        })),
      }),
    },
  };
}
