/** The mutations that every resource has. */

import { builder } from '../../graph/builder.ts';
import { addMutation, type Shows } from '../../graph/mutation.ts';
import type { Upkeep } from './resource.access.ts';
import type { Resource } from './resource.model.ts';

const MarkErredInputRef = builder.inputType('MarkErredInput', {
  description: 'Which resource to mark, and what to say of it.',
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', required: true, description: "Waldur's identifier." }),
    errorMessage: t.string({ description: 'What went wrong; null empties it.' }),
    errorTraceback: t.string({ description: 'The technical trace; null empties it.' }),
  }),
});

export interface UpkeepOptions<M extends Resource> {
  /** The type's name, e.g. `ServerGroup`. */
  readonly name: string;
  /** In descriptions, e.g. `server group`. */
  readonly noun: string;
  readonly shows: Omit<Shows<M>, 'leftover'>;
  /** What else there is to know before one is deleted. */
  readonly beforeDeletion?: string;
  readonly upkeep: Upkeep<M>;
}

/** The query that shows whether a change of one resource was carried out. */
export function checkOne(field: string, uuid: string): string {
  return `{ ${field}(uuid: "${uuid}") { state modified errorMessage } }`;
}

/** Pull, unlink, delete, and the two marks. */
export function addUpkeep<M extends Resource>(options: UpkeepOptions<M>): void {
  const { name, noun, shows, upkeep, beforeDeletion = '' } = options;
  const uuidArg = {
    type: 'UUID',
    required: true,
    description: "Waldur's identifier.",
  } as const;

  addMutation({
    name: `pull${name}`,
    description: `Has Waldur read the ${noun} again from its backend. Its state has to be OK or ERRED, and it needs a backendId.`,
    shows,
    settles: true,
    tells: true,
    args: (arg) => ({ uuid: arg(uuidArg) }),
    checkWith: ({ uuid }) => checkOne(shows.field, uuid),
    run: (session, { uuid }, request) => upkeep.pull(session, uuid, request),
  });
  addMutation({
    name: `unlink${name}`,
    description: `Has Waldur forget the ${noun} at once; its backend keeps it. For staff alone.`,
    shows: null,
    settles: false,
    isForStaff: true,
    args: (arg) => ({ uuid: arg(uuidArg) }),
    checkWith: ({ uuid }) => checkOne(shows.field, uuid),
    run: (session, { uuid }) => upkeep.unlink(session, uuid),
  });
  addMutation({
    name: `delete${name}`,
    description:
      `Deletes the ${noun}, at its backend too. Its state has to be OK or ERRED. ${beforeDeletion}`.trimEnd(),
    shows: { ...shows, leftover: upkeep.find },
    settles: true,
    args: (arg) => ({ uuid: arg(uuidArg) }),
    checkWith: ({ uuid }) => checkOne(shows.field, uuid),
    run: (session, { uuid }, request) => upkeep.remove(session, uuid, request),
  });
  addMutation({
    name: `mark${name}Erred`,
    description: `Sets the state of the ${noun} to ERRED, whatever it is, for one that is stuck. For staff alone; Waldur 8.0 and newer.`,
    shows,
    settles: false,
    isForStaff: true,
    tells: true,
    args: (arg) => ({
      input: arg({
        type: MarkErredInputRef,
        required: true,
        description: 'Which, and what to say of it.',
      }),
    }),
    checkWith: ({ input: { uuid } }) => checkOne(shows.field, uuid),
    run: (session, { input }, request) => upkeep.markErred(session, input, request),
  });
  addMutation({
    name: `mark${name}Ok`,
    description: `Sets the state of the ${noun} to OK, whatever it is, and empties its error. For staff alone; Waldur 8.0 and newer.`,
    shows,
    settles: false,
    isForStaff: true,
    tells: true,
    args: (arg) => ({ uuid: arg(uuidArg) }),
    checkWith: ({ uuid }) => checkOne(shows.field, uuid),
    run: (session, { uuid }, request) => upkeep.markOk(session, uuid, request),
  });
}
