/** Changing OpenStack server groups. */

import { builder } from '../../graph/builder.ts';
import { addMutation } from '../../graph/mutation.ts';
import { addUpkeep } from '../resource/resource.mutations.graph.ts';
import { createServerGroup, serverGroupUpkeep } from './server-group.access.ts';
import { ServerGroupPolicyRef, ServerGroupRef } from './server-group.graph.ts';
import type { CreateServerGroupInput } from './server-group.model.ts';

const shows = { field: 'serverGroup', ref: ServerGroupRef };

const CreateServerGroupInputRef = builder
  .inputRef<CreateServerGroupInput>('CreateServerGroupInput')
  .implement({
    description: 'A server group to be. Its name and policy can never be changed.',
    fields: (t) => ({
      name: t.string({
        required: true,
        description: '1 to 150 characters, unlike any other in the tenant.',
      }),
      description: t.string({ description: 'Up to 4,096 characters; null for none.' }),
      policy: t.field({
        type: ServerGroupPolicyRef,
        description: "How instances are placed; null leaves it to the backend's default.",
      }),
      tenant: t.field({
        type: 'UUID',
        description:
          "Where to create it; its state has to be OK. Null uses the collection's own documented endpoint, which Waldur up to 8.1 always fails.",
      }),
    }),
  });

addMutation({
  name: 'createServerGroup',
  description:
    'Creates a server group in a tenant. It begins as CREATION_SCHEDULED and has settled once it is OK or ERRED.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({ type: CreateServerGroupInputRef, required: true, description: 'What to create.' }),
  }),
  checkWith: ({ input: { name, tenant } }) => {
    const within = tenant == null ? '' : `tenant: "${tenant}", `;
    return `{ serverGroups(filter: { ${within}nameExact: ${JSON.stringify(name.trim())} }) { nodes { uuid state created } } }`;
  },
  run: (session, { input }, request) => createServerGroup(session, input, request),
});

addUpkeep({ name: 'ServerGroup', noun: 'server group', shows, upkeep: serverGroupUpkeep });
