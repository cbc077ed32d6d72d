/** Everything that may be written, by collection. */

import type { Tenant } from '../model.ts';
import { allocationWrites } from './allocations.ts';
import { createSecurityGroup, securityGroupWrites } from './security-groups.ts';
import { createServerGroup, serverGroupWrites } from './server-groups.ts';
import type { CollectionWrites } from './writes.ts';

const tenantWrites: CollectionWrites<Tenant> = {
  row: {
    create_security_group: { states: ['OK'], act: createSecurityGroup },
    create_server_group: { states: ['OK'], act: createServerGroup },
  },
};

/** By the segment after `/api/`. Rows of a collection only ever meet that collection's own writes. */
export const writesByCollection = {
  'openstack-tenants': tenantWrites,
  'openstack-server-groups': serverGroupWrites,
  'openstack-security-groups': securityGroupWrites,
  'openportal-allocations': allocationWrites,
} as unknown as Readonly<Record<string, CollectionWrites>>;
