/** What may be written at the simulated Waldur: the table that its addresses are served from. */

import type { Answer, ReceivedCall } from '../../server.ts';
import { detail, html, json, refuse } from '../answers.ts';
import type { Resource, State, WaldurWorld } from '../model.ts';
import { type Serializer, type Showing, serialize, stateLabel } from '../serializers.ts';
import { managesProject } from '../visibility.ts';
import { accepted, bodyOf, checkFields, optional, text } from './fields.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What every write has at hand. */
export interface Desk {
  readonly call: ReceivedCall;
  readonly showing: Showing;
  readonly world: WaldurWorld;
  readonly lifecycle: Lifecycle;
  /** A uuid that no row has. */
  readonly newUuid: () => string;
  /** Whether the collection's own POST creates server groups, as is documented and nowhere true. */
  readonly serverGroupPost: boolean;
}

/** A write on one row. */
export interface RowWrite<T extends Resource = Resource> {
  /** Refused before the row is looked up. */
  readonly isStaffOnly?: boolean;
  /** Older Waldur does not know it. */
  readonly isNew?: boolean;
  /** Any when absent. */
  readonly states?: readonly State[];
  /** @throws {Refusal} for whatever else is looked at before the body */
  readonly guard?: (row: T) => void;
  readonly act: (row: T, desk: Desk) => Answer;
}

/** What a collection lets be written; by method, and actions by name. */
export interface CollectionWrites<T extends Resource = Resource> {
  readonly create?: (desk: Desk) => Answer;
  readonly row: Readonly<Record<string, RowWrite<T>>>;
}

/** Everything about a kind of row that the writes which all kinds have need to know. */
export interface Kind<T extends Resource> {
  readonly rows: (world: WaldurWorld) => T[];
  /** @throws {Refusal} for what may not be deleted */
  readonly guardDeletion?: (row: T) => void;
  /** After the row is gone from its collection. */
  readonly onRemoved?: (row: T, world: WaldurWorld, isUnlinked: boolean) => void;
  /** Whether an ERRED one goes even when its backend will not let go of it. */
  readonly isForced: boolean;
  /** Whether a deletion never ends for a row without a backend id. */
  readonly isStuckWithoutBackendId?: (showing: Showing) => boolean;
}

const settledStates: readonly State[] = ['OK', 'ERRED'];

/** The writes that every kind of resource has. */
export function lifecycleWrites<T extends Resource>(
  kind: Kind<T>,
): Readonly<Record<string, RowWrite<T>>> {
  const remove = (row: T, world: WaldurWorld, isUnlinked: boolean) => {
    const all = kind.rows(world);
    all.splice(all.indexOf(row), 1);
    kind.onRemoved?.(row, world, isUnlinked);
  };
  return {
    DELETE: {
      states: settledStates,
      ...(kind.guardDeletion === undefined ? {} : { guard: kind.guardDeletion }),
      act: (row, { lifecycle, world, showing }) => {
        const wasErred = row.state === 'ERRED';
        lifecycle.begin(row, {
          kind: 'deletion',
          isEndless: !row.backendId && (kind.isStuckWithoutBackendId?.(showing) ?? false),
          onDone: () => remove(row, world, false),
          ...(kind.isForced && wasErred ? { onFailed: () => remove(row, world, false) } : {}),
        });
        return detail(202, 'Deletion was scheduled.');
      },
    },
    pull: {
      states: settledStates,
      guard: ({ backendId }) => {
        if (!backendId) {
          refuse(json(400, ['Resource does not have backend ID.']));
        }
      },
      act: (row, { lifecycle }) => {
        lifecycle.begin(row, { kind: 'update' });
        return detail(202, 'Pull operation was successfully scheduled.');
      },
    },
    unlink: {
      isStaffOnly: true,
      act: (row, { lifecycle, world }) => {
        lifecycle.settle(row);
        remove(row, world, true);
        return { status: 204 };
      },
    },
    set_ok: {
      isStaffOnly: true,
      isNew: true,
      act: (row, { lifecycle }) => {
        lifecycle.settle(row);
        lifecycle.save(row, { state: 'OK', errorMessage: '', errorTraceback: '' });
        return detail(200, 'Resource has been marked as OK.');
      },
    },
    set_erred: {
      isStaffOnly: true,
      isNew: true,
      act: (row, { call, lifecycle }) => {
        const anyText = optional(text({ maxLength: 100_000, isBlankAllowed: true }));
        const given = accepted(
          checkFields({ error_message: anyText, error_traceback: anyText }, bodyOf(call)),
        );
        lifecycle.settle(row);
        lifecycle.save(row, {
          state: 'ERRED',
          errorMessage: given.error_message ?? '',
          errorTraceback: given.error_traceback ?? '',
        });
        return detail(200, 'Resource has been marked as ERRED.');
      },
    },
  };
}

export const name = text({ maxLength: 150 });

export function description({ profile }: Showing) {
  return optional(text({ maxLength: profile === '8.1' ? 4_096 : 2_000, isBlankAllowed: true }));
}

/** What a row has right after its creation. */
export function newResource(
  { lifecycle, newUuid }: Desk,
  given: Pick<Resource, 'name' | 'project' | 'settings'> & { readonly description?: string },
): Resource {
  const instant = lifecycle.instant();
  return {
    uuid: newUuid(),
    name: given.name,
    description: given.description ?? '',
    state: 'CREATION_SCHEDULED',
    created: instant,
    modified: instant,
    backendId: '',
    errorMessage: '',
    errorTraceback: '',
    accessUrl: null,
    project: given.project,
    settings: given.settings,
    marketplace: null,
  };
}

export function created<T extends object>(
  serializer: Serializer<T>,
  row: T,
  { showing }: Desk,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(201, serialize(serializer, row, showing, []), headers);
}

/**
 * A write on a row, after Waldur's own order of checks.
 *
 * @param find - the row, undefined when the caller does not see it
 * @throws {Refusal} 403, 404, 409, 400
 */
export function writeRow(
  write: RowWrite,
  model: string,
  find: () => Resource | undefined,
  desk: Desk,
): Answer {
  const { viewpoint, profile } = desk.showing;
  if (write.isNew === true && profile !== '8.1') {
    return html(404, 'Not Found');
  }
  if (write.isStaffOnly === true && !viewpoint.user.isStaff) {
    return detail(403, notPermitted);
  }
  const row = find();
  if (row === undefined) {
    return detail(404, `No ${model} matches the given query.`);
  }
  if (!managesProject(viewpoint, row.project)) {
    return detail(403, notPermitted);
  }
  if (write.states !== undefined && !write.states.includes(row.state)) {
    const labels = write.states.map((state) => stateLabel(profile, state));
    return detail(409, `Valid states for operation: ${labels.join(', ')}.`);
  }
  write.guard?.(row);
  return write.act(row, desk);
}

const notPermitted = 'You do not have permission to perform this action.';

/** The texts that were given. */
export function textsOf<G extends { name?: string | undefined; description?: string | undefined }>(
  given: G,
): { [K in 'name' | 'description']: NonNullable<G[K]> } {
  const { name: newName, description: newDescription } = given;
  return {
    ...(newName === undefined ? {} : { name: newName }),
    ...(newDescription === undefined ? {} : { description: newDescription }),
  } as { [K in 'name' | 'description']: NonNullable<G[K]> };
}
