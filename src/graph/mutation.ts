/** Mutations about one noun: what they take, and the union that they answer with. */

import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Issue } from '../failure.ts';
import type { Row, Wanted } from '../rows/row.ts';
import type { Changed, ChangeRequest } from '../session/changes.ts';
import type { Session } from '../session/session.ts';
import { type Builder, builder, type GraphContext, type GraphTypes } from './builder.ts';
import { notedOutcome } from './outcomes.ts';
import { Refusal, refusalRefs } from './refusals.ts';
import { wantedAlong, wantedIn } from './selection.ts';

type ArgBuilder = Parameters<NonNullable<Parameters<Builder['mutationField']>[1]>>[0]['arg'];
type NounRef<M extends object> = ObjectRef<
  PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>,
  Row<M>
>;

const maxWaitSeconds = 600;

const WaitInputRef = builder.inputType('WaitInput', {
  description:
    'Waits until the asynchronous operation has settled. Without it a mutation answers as soon as the cloud has accepted.',
  fields: (t) => ({
    timeoutSeconds: t.int({
      required: true,
      defaultValue: 60,
      description: `How long at most, in seconds, 1 to ${maxWaitSeconds}. The operation goes on after that.`,
    }),
  }),
});

/** What the success shows of a noun. */
export interface Shows<M extends object> {
  /** The field's name, e.g. `serverGroup`. */
  readonly field: string;
  readonly ref: NounRef<M>;
  /** For a deletion: what is left, null when there is nothing. */
  readonly leftover?: (session: Session, uuid: string, wanted: Wanted) => Promise<Row<M> | null>;
  /** For a deletion that knows itself what is left. */
  readonly mayBeGone?: boolean;
}

export interface MutationOptions<
  M extends object,
  A extends InputFieldMap,
  T extends object = never,
> {
  /** E.g. `createServerGroup`. */
  readonly name: string;
  readonly description: string;
  /** Null for a success that has the uuid alone. */
  readonly shows: Shows<M> | null;
  /** Whether the cloud goes on after its answer, so that it can be waited for. */
  readonly settles: boolean;
  /** Whether it can depend on the noun's not having been modified. */
  readonly takesIfModified?: boolean;
  /** Whether the success has what the cloud said. */
  readonly tells?: boolean;
  /** The type of the task that the cloud keeps of it, if it does. */
  readonly task?: ObjectRef<PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>, T>;
  /** Whether the cloud lets nobody else do it; tagged so, for the contracts of larger graphs. */
  readonly isForStaff?: boolean;
  readonly args: (arg: ArgBuilder) => A;
  /** The query that tells what has become of it, when nobody else does. */
  readonly checkWith: (args: InputShapeFromFields<NoInfer<A>>) => string;
  readonly run: (
    session: Session,
    args: InputShapeFromFields<NoInfer<A>>,
    request: ChangeRequest,
    place: { readonly info: GraphQLResolveInfo; readonly context: GraphContext },
  ) => Promise<Changed<M>>;
}

/**
 * Adds a mutation, with its success and its result.
 *
 * @returns the success, for fields of its own
 */
export function addMutation<M extends object, A extends InputFieldMap, T extends object = never>(
  options: MutationOptions<M, A, T>,
) {
  const { name, description, settles, isForStaff, shows, args, checkWith, run } = options;
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const successName = `${title}Success`;
  const SuccessRef = successOf(successName, options);
  const ResultRef = builder.unionType(`${title}Result`, {
    description: `What ${name} answers with: success, or why not.`,
    types: [SuccessRef, ...refusalRefs],
    resolveType: (result) => (result instanceof Refusal ? result.type : successName),
  });
  const ifModifiedArg = (arg: ArgBuilder) =>
    arg({ type: 'DateTime', description: ifModifiedDescription });
  const waitArg = (arg: ArgBuilder) =>
    arg({ type: WaitInputRef, description: 'Waits for the end; null answers at once.' });
  builder.mutationField(name, (t) =>
    t.field({
      type: ResultRef,
      nullable: true,
      description,
      ...(isForStaff === true ? { tag: 'staff' } : {}),
      args: {
        ...args(t.arg),
        ...(options.takesIfModified === true ? { ifModified: ifModifiedArg(t.arg) } : {}),
        ...(settles ? { wait: waitArg(t.arg) } : {}),
      },
      resolve: (_root, given, context, info) => {
        const { wait, ifModified, ...own } = given as CommonArgs;
        const mine = own as InputShapeFromFields<A>;
        return notedOutcome(
          context.session,
          name,
          async () => {
            const request: ChangeRequest = {
              timeoutSeconds: wait?.timeoutSeconds ?? null,
              wanted: shows === null ? {} : (wantedAlong(info, [[successName, shows.field]]) ?? {}),
              faults: faultsOf(wait),
              ifModified: ifModified ?? null,
              wantedOfCurrent:
                shows === null || ifModified == null
                  ? {}
                  : (wantedAlong(info, [['Conflict', 'current']], shows.ref.name) ?? {}),
            };
            return run(context.session, mine, request, { info, context });
          },
          checkWith(mine),
        );
      },
    }),
  );
  return SuccessRef;
}

interface CommonArgs {
  readonly wait?: Wait;
  readonly ifModified?: string | null;
}

const ifModifiedDescription =
  'The `modified` that the caller last saw, with all its digits. When it is newer by now, nothing is written, and a Conflict has `current`; null changes whatever is there. The cloud cannot compare and write in one step: what others change between the look and the write goes unseen, unless the cloud refuses the write for a state that is not OK.';

type Wait = { readonly timeoutSeconds: number } | null | undefined;

/** What is wrong with the wait, which is beside the input. */
function faultsOf(wait: Wait): Issue[] {
  const seconds = wait?.timeoutSeconds ?? 1;
  const message = `must be from 1 to ${maxWaitSeconds}`;
  return seconds < 1 || seconds > maxWaitSeconds
    ? [{ path: ['wait', 'timeoutSeconds'], message }]
    : [];
}

function successOf<M extends object, A extends InputFieldMap, T extends object>(
  successName: string,
  { name, shows, settles, tells = false, task: taskRef }: MutationOptions<M, A, T>,
) {
  const mayBeGone = shows?.leftover !== undefined || shows?.mayBeGone === true;
  return builder.objectRef<Changed<M>>(successName).implement({
    description: `The cloud has accepted ${name}.`,
    fields: (t) => ({
      ...(shows === null || mayBeGone
        ? {
            uuid: t.field({
              type: 'UUID',
              description: "The resource's identifier.",
              resolve: ({ uuid }) => uuid,
            }),
          }
        : {}),
      ...(shows === null || mayBeGone
        ? {}
        : {
            [shows.field]: t.field({
              type: shows.ref,
              description: 'As it is after the change.',
              resolve: ({ row }, _args, _context, info) => {
                row?.want(wantedIn(info));
                return row as Row<M>;
              },
            }),
          }),
      ...(shows === null || !mayBeGone
        ? {}
        : {
            [shows.field]: t.field({
              type: shows.ref,
              nullable: true,
              description: `Null once it is gone; as it is now while it is still there${taskRef === undefined ? ', ERRED when its deletion failed' : ''}.`,
              resolve: ({ uuid, row }, _args, { session }, info) => {
                const wanted = wantedIn(info);
                if (row !== null && shows.leftover !== undefined) {
                  return shows.leftover(session, uuid, wanted);
                }
                row?.want(wanted);
                return row;
              },
            }),
          }),
      ...(tells
        ? {
            detail: t.string({
              nullable: true,
              description: 'What the cloud said at once; null for nothing.',
              resolve: ({ detail }) => detail,
            }),
          }
        : {}),
      ...(taskRef === undefined
        ? {}
        : {
            task: t.field({
              type: taskRef,
              nullable: true,
              description:
                'The task that does it; null when the cloud had nothing to do and answered at once. Where the change has one step, a task that fails makes no Failure of it: its status tells.',
              resolve: ({ task }) => (task ?? null) as never,
            }),
          }),
      ...(settles
        ? {
            settled: t.boolean({
              description: `Whether the operation has ended, ${taskRef === undefined ? 'well or in ERRED' : 'well or not, as the status of its task tells'}; false when it still runs, as no wait was asked for or its time was up.`,
              resolve: ({ settled }) => settled,
            }),
          }
        : {}),
    }),
  });
}
