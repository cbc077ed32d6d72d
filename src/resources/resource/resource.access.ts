/** What may be done to every resource. */

import { UpstreamFailure } from '../../failure.ts';
import type { Row } from '../../rows/row.ts';
import { type Changed, type ChangeRequest, change } from '../../session/changes.ts';
import type { Session } from '../../session/session.ts';
import { oneOf } from '../../session/shelves.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import type { MarkErredInput, Resource } from './resource.model.ts';
import { actionOn, deletionOf, markErredOn } from './resource.rest.ts';

/** All throw {UpstreamFailure}, and {InvalidInputError} for a wait that cannot be. */
export interface Upkeep<M extends Resource> {
  /** Has Waldur read it again from its backend. */
  pull(session: Session, uuid: string, request: ChangeRequest): Promise<Changed<M>>;
  /** Has Waldur forget it; the backend keeps it. */
  unlink(session: Session, uuid: string): Promise<Changed<M>>;
  /** Has it deleted, at its backend too. */
  remove(session: Session, uuid: string, request: ChangeRequest): Promise<Changed<M>>;
  markOk(session: Session, uuid: string, request: ChangeRequest): Promise<Changed<M>>;
  markErred(session: Session, input: MarkErredInput, request: ChangeRequest): Promise<Changed<M>>;
  /** As it is now; null when it is gone. */
  find(session: Session, uuid: string, wanted: ChangeRequest['wanted']): Promise<Row<M> | null>;
}

/** A refusal for the state of what is to be changed, as Waldur gives one where it looks at that. */
export function stateRefusal(allowedStates: readonly string[]): UpstreamFailure {
  return new UpstreamFailure('the state does not allow the change', {
    kind: 'conflict',
    upstream: 'waldur',
    issues: [{ path: [], message: `Valid states for operation: ${allowedStates.join(', ')}.` }],
    allowedStates,
  });
}

export function upkeepOf<M extends Resource>(noun: WaldurNoun): Upkeep<M> {
  const noWait: ChangeRequest = {
    timeoutSeconds: null,
    wanted: {},
    faults: [],
    ifModified: null,
    wantedOfCurrent: {},
  };
  return {
    pull: (session, uuid, request) =>
      change(session, noun, uuid, actionOn(noun, uuid, 'pull'), request),
    unlink: (session, uuid) => change(session, noun, uuid, actionOn(noun, uuid, 'unlink'), noWait),
    remove: (session, uuid, request) =>
      change(session, noun, uuid, deletionOf(noun, uuid), request, true),
    markOk: (session, uuid, request) =>
      change(session, noun, uuid, actionOn(noun, uuid, 'set_ok'), request),
    markErred: (session, input, request) =>
      change(session, noun, input.uuid, markErredOn(noun, input), request),
    find: (session, uuid, wanted) => oneOf<M>(session, noun, uuid, wanted),
  };
}
