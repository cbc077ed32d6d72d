/** Changing Waldur's resources: one write, then the noun as it is. */

import { InvalidInputError, type Issue, isPassing, UpstreamFailure } from '../failure.ts';
import type { Raw, Row, Wanted } from '../rows/row.ts';
import { canonicalUuid } from '../rows/uuid.ts';
import { union } from '../rows/wanted.ts';
import type { WaldurWrite } from '../upstream/waldur/connection.ts';
import type { WaldurNoun } from '../upstream/waldur/source.ts';
import { poll } from './polling.ts';
import { type Session, waldurOf } from './session.ts';
import { shelfOf } from './shelves.ts';
import { type Condition, readUnmodified } from './unmodified.ts';

export interface ChangeRequest extends Condition {
  /** How long to wait for the operation to end; null = not at all. */
  readonly timeoutSeconds: number | null;
  /** What the answer will show of the noun. */
  readonly wanted: Wanted;
  /** What is wrong with the request beside its input. */
  readonly faults: readonly Issue[];
}

/**
 * Refuses a request for everything that is wrong with it, if anything is.
 *
 * @param issues - what is wrong with its input
 * @throws {InvalidInputError}
 */
export function refuseFor({ faults }: ChangeRequest, issues: readonly Issue[]): void {
  const all = [...issues, ...faults];
  if (all.length > 0) {
    throw new InvalidInputError(all);
  }
}

/** What has become of a noun. */
export interface Changed<M extends object> {
  readonly uuid: string;
  /** Null once it is gone. What the answer to the write did not tell is read when it is needed. */
  readonly row: Row<M> | null;
  /** Whether the operation has ended, well or not. */
  readonly settled: boolean;
  /** What the cloud said of it; null for nothing. */
  readonly detail: string | null;
  /** Where the cloud keeps a task of it: that, null when there was nothing to do. */
  readonly task?: object | null;
}

/**
 * Sends a change, once, and drops what was read before it.
 *
 * @returns the answer's object; empty when it had none
 * @throws {UpstreamFailure} `outcome-unknown` when it was sent and no answer tells what came of it;
 *   `invalid` with paths into the input
 */
async function send(session: Session, write: WaldurWrite): Promise<Raw> {
  const shelf = shelfOf(session);
  try {
    const answer = await waldurOf(session).write(write);
    return typeof answer === 'object' && answer !== null ? (answer as Raw) : {};
  } finally {
    shelf.forget();
  }
}

/**
 * Changes a noun; where the request has a condition, after a look at it.
 *
 * @param uuid - null when the change makes it, and Waldur's answer tells
 * @param deletes - whether being gone is what the change is for
 * @throws {ModifiedSince} before anything is sent
 * @throws {UpstreamFailure} `outcome-unknown` when it was sent and no answer tells what came of it, or
 *   the uuid of what was made
 * @throws {InvalidInputError} for the request's faults
 */
export async function change<M extends object>(
  session: Session,
  noun: WaldurNoun,
  uuid: string | null,
  write: WaldurWrite,
  request: ChangeRequest,
  deletes = false,
): Promise<Changed<M>> {
  refuseFor(request, []);
  const { timeoutSeconds, wanted, ifModified } = request;
  if (uuid !== null && ifModified !== null) {
    await readUnmodified(session, noun, uuid, request);
  }
  const raw = await send(session, write);
  const key = uuid ?? uuidIn(raw, noun);
  const told = shelfOf(session)
    .collection(noun)
    .told({ ...raw, uuid: key }) as Row<M>;
  const said: unknown = raw.detail ?? raw.status;
  const detail = typeof said === 'string' ? said : null;
  if (timeoutSeconds === null) {
    return { uuid: key, row: told, settled: false, detail };
  }
  const ended = await settled<M>(session, noun, key, wanted, timeoutSeconds * 1000, deletes);
  const row = ended.row ?? (deletes && ended.row === null ? null : told);
  return { uuid: key, row, settled: ended.settled, detail };
}

function uuidIn({ uuid }: Raw, { name }: WaldurNoun): string {
  const key = typeof uuid === 'string' ? canonicalUuid(uuid) : undefined;
  if (key === undefined) {
    throw new UpstreamFailure(`${name} was made, and its uuid not told`, {
      kind: 'outcome-unknown',
      upstream: 'waldur',
    });
  }
  return key;
}

/**
 * Looks until the operation has ended or the time is up; all that are looked for in one tick are one
 * demand.
 *
 * A look that fails ends nothing: the change was made, and that is what has to be told.
 *
 * @returns the row as it was last seen: null when gone, undefined when never seen
 */
async function settled<M extends object>(
  session: Session,
  noun: WaldurNoun,
  uuid: string,
  wanted: Wanted,
  timeoutMs: number,
  deletes: boolean,
): Promise<{ readonly row: Row<M> | null | undefined; readonly settled: boolean }> {
  let row: Row<M> | null | undefined;
  const asked = union(wanted, { state: {} });
  session.deadline.prolong(timeoutMs);
  const end = await poll(session.pace, timeoutMs, session.waiting, async () => {
    try {
      row = (await shelfOf(session).collection(noun).fresh(uuid, asked)) as Row<M>;
      const state = row.read('state');
      return state === 'ERRED' || (state === 'OK' && !deletes) || undefined;
    } catch (reason) {
      if (!(reason instanceof UpstreamFailure)) {
        throw reason;
      }
      if (reason.kind === 'not-found') {
        row = null;
        return true;
      }
      return isPassing(reason) ? undefined : false;
    }
  });
  return { row, settled: end ?? false };
}
