/** One request's life: whose it is, when it ends, and the values that live as long as it. */

import { UpstreamFailure, type UpstreamName } from '../failure.ts';
import type { Origin } from '../rows/row.ts';
import type { DanubeConnection } from '../upstream/danube/connection.ts';
import type { StopSignal } from '../upstream/http/stop.ts';
import type { WaldurConnection } from '../upstream/waldur/connection.ts';
import type { Weights } from '../upstream/waldur/plan.ts';
import type { Weighing } from '../upstream/waldur/source.ts';
import type { Deadline } from './deadline.ts';
import type { Explanation } from './explanation.ts';
import type { Pace } from './polling.ts';
import type { WatchPace } from './round.ts';
import type { Tally } from './tally.ts';
import type { Rounds } from './watching.ts';

export interface Session {
  /** Absent when there is no such upstream. */
  readonly waldur: WaldurConnection | undefined;
  readonly danube: DanubeConnection | undefined;
  /** Absent unless the client asked for it. */
  readonly explanation: Explanation | undefined;
  /** What calls and rows are weighed by. */
  readonly weights: Weights;
  /** When what changes by itself is looked at again. */
  readonly pace: Pace;
  /** Tells callers apart, by everything that can make their answers differ. */
  readonly caller: string;
  /** As whom its cost counts in a minute; empty where nobody counts it. */
  readonly payers: readonly string[];
  /** Fires when nothing more is to be done: nobody waits for the answer, or a change has no more time. */
  readonly signal: AbortSignal;
  /** Fires when nobody waits for the answer any more, though a change goes on. */
  readonly waiting: AbortSignal;
  /** Both signals fire when it has passed. */
  readonly deadline: Deadline;
  /** Has the session's signal fire with this one. */
  readonly leaveWith: (signal: StopSignal) => void;
  /**
   * Does what changes something, and reads what it needs for it, also when the client leaves; the gateway
   * waits for it before it closes.
   *
   * @param client - fires when it has left: only the waiting for the end is over then
   */
  readonly carryOut: <V>(client: StopSignal, act: () => V | Promise<V>) => Promise<V>;
  /** How often what is watched is looked at. */
  readonly watchPace: WatchPace;
  /** Everything that is watched through this gateway. */
  readonly rounds: Rounds<Session>;
  /** A session of the same caller that lives on when this one's client leaves. */
  readonly fork: () => { readonly session: Session; readonly leave: () => void };
  /** What lives as long as the session, each by what makes it. */
  readonly values: Map<unknown, unknown>;
  /** What has come of each mutation of the operation so far, e.g. `updateAllocation: Conflict`. */
  readonly outcomes: string[];
  /** The time now, in milliseconds since 1970: what is made of it is another at another time. */
  readonly nowMs: number;
  /** What it has cost so far. */
  readonly tally: Tally;
  /** Tells of each plan that is taken; absent for nobody. */
  readonly onPlan?: ((weighing: Weighing) => void) | undefined;
  /** Tells of each link that a row answered without a call. */
  readonly onFreeLink: Origin['onFreeLink'];
  /** The request's, in logs and in the answer's headers; null without a request. */
  readonly requestId: string | null;
  /** How many entities one operation may refer to. */
  readonly maxReferences: number;
  /** The Danube datacenter for whatever names none. */
  readonly datacenter: string;
}

/**
 * A value for each session, made when it is first asked for and gone with the session.
 *
 * Loaders live in such values, so nothing loaded for one caller is ever seen by another.
 */
export function perSession<V>(make: (session: Session) => V): PerSession<V> {
  const madeFor = ({ values }: Session) => values.get(make) as V | undefined;
  const of = (session: Session) => {
    const known = madeFor(session);
    if (known !== undefined) {
      return known;
    }
    const value = make(session);
    session.values.set(make, value);
    return value;
  };
  return Object.assign(of, { ifMade: madeFor });
}

export interface PerSession<V> {
  (session: Session): V;
  /** Undefined when nobody has asked for it so far. */
  readonly ifMade: (session: Session) => V | undefined;
}

/** @throws {UpstreamFailure} `not-configured` */
export function waldurOf(session: Session): WaldurConnection {
  return session.waldur ?? notConfigured('waldur');
}

/** @throws {UpstreamFailure} `not-configured` */
export function danubeOf(session: Session): DanubeConnection {
  return session.danube ?? notConfigured('danube');
}

function notConfigured(upstream: UpstreamName): never {
  throw new UpstreamFailure(`${upstream} is not configured`, { kind: 'not-configured', upstream });
}
