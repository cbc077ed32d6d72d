/** A session for each request: whose it is, and everything that lives as long as it. */

import type { Config } from '../config.ts';
import type { Row } from '../rows/row.ts';
import type { ChangesUnderWay } from '../session/changes-under-way.ts';
import { Deadline } from '../session/deadline.ts';
import { Explanation } from '../session/explanation.ts';
import type { Session } from '../session/session.ts';
import { Tally } from '../session/tally.ts';
import type { Rounds } from '../session/watching.ts';
import { DanubeConnection } from '../upstream/danube/connection.ts';
import type { ObservedCall, Observer } from '../upstream/http/asker.ts';
import { Stop, type StopSignal } from '../upstream/http/stop.ts';
import type { Upstream } from '../upstream/http/upstream.ts';
import { WaldurConnection } from '../upstream/waldur/connection.ts';
import type { Sizes } from '../upstream/waldur/knowledge.ts';
import type { Weighing } from '../upstream/waldur/source.ts';
import {
  type Callers,
  danubeCallers,
  payersOf,
  type RequestHeaders,
  waldurCallers,
} from './callers.ts';
import { Fingerprints } from './fingerprints.ts';
import type { Metrics } from './metrics.ts';

/** What all sessions have in common. */
export interface Grounds {
  readonly config: Config;
  readonly waldur: Upstream | undefined;
  readonly danube: Upstream | undefined;
  readonly sizes: Sizes;
  readonly rounds: Rounds<Session>;
  readonly changes: ChangesUnderWay;
  readonly metrics: Metrics;
}

/**
 * @param address - the client's, as the socket and the proxies that are believed tell
 * @param isExplained - whether the client asked how the answer comes about
 * @throws {UpstreamFailure} `forbidden` for an impersonation that Waldur could not be asked for
 */
export type OpenSession = (
  request: { readonly headers: RequestHeaders },
  address: string | undefined,
  isExplained: boolean,
) => Session;

export function sessionsOn(grounds: Grounds): OpenSession {
  const { config, waldur, danube } = grounds;
  const fingerprints = new Fingerprints(config.instances?.secret);
  const waldurCaller = waldurCallers(fingerprints, config.waldur?.token);
  const danubeCaller = danubeCallers(fingerprints, config.danube?.apiKey);
  const isCounted = Number.isFinite(config.limits.costPerMinute);
  return ({ headers }, address, isExplained) => {
    const callers = {
      waldur: waldur && waldurCaller(headers, address),
      danube: danube && danubeCaller(headers, address),
    };
    const users = {
      ...callers,
      payers: isCounted ? payersOf(fingerprints, headers, callers, address) : [],
      requestId: headers.get('x-request-id'),
    };
    return new OpenedSession(grounds, users, isExplained ? new Explanation() : undefined, false);
  };
}

/** Whose a request is. */
interface Users extends Callers {
  readonly payers: readonly string[];
  readonly requestId: string | null;
}

/** Makes what it is asked for: most requests need one upstream, and some none. */
class OpenedSession implements Session, Observer {
  readonly caller: string;
  readonly payers: readonly string[];
  readonly requestId: string | null;
  readonly tally = new Tally();
  readonly outcomes: string[] = [];
  readonly explanation: Explanation | undefined;
  readonly values = new Map<unknown, unknown>();
  readonly deadline = new Deadline((reason) => this.#leaving.abort(reason));
  readonly weights: Session['weights'];
  readonly pace: Session['pace'];
  readonly watchPace: Session['watchPace'];
  readonly rounds: Session['rounds'];
  readonly maxReferences: number;
  readonly datacenter: string;
  readonly #grounds: Grounds;
  readonly #users: Users;
  readonly #isPatient: boolean;
  readonly #leaving = new Stop();
  #signal: AbortSignal | undefined;
  #client: StopSignal | undefined;
  #waldur: WaldurConnection | undefined;
  #danube: DanubeConnection | undefined;

  constructor(
    grounds: Grounds,
    users: Users,
    explanation: Explanation | undefined,
    isPatient: boolean,
  ) {
    const { config } = grounds;
    this.#grounds = grounds;
    this.#users = users;
    this.#isPatient = isPatient;
    this.caller = `${users.waldur?.fingerprint} ${users.danube?.fingerprint}`;
    this.payers = users.payers;
    this.requestId = users.requestId;
    this.explanation = explanation;
    this.weights = config.planning;
    this.pace = config.polling;
    this.watchPace = config.watching;
    this.rounds = grounds.rounds;
    this.maxReferences = config.maxReferences;
    this.datacenter = config.danubeDatacenter;
  }

  get waldur(): WaldurConnection | undefined {
    const { waldur, sizes } = this.#grounds;
    const user = this.#users.waldur;
    if (waldur !== undefined && user !== undefined) {
      this.#waldur ??= new WaldurConnection(waldur, sizes, user, this.#asking());
    }
    return this.#waldur;
  }

  get danube(): DanubeConnection | undefined {
    this.tally.hasLookedElsewhere = true;
    const { danube } = this.#grounds;
    const user = this.#users.danube;
    if (danube !== undefined && user !== undefined) {
      this.#danube ??= new DanubeConnection(danube, user, this.#asking());
    }
    return this.#danube;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#leaving);
    return this.#signal;
  }

  get waiting(): AbortSignal {
    return this.#client === undefined
      ? this.signal
      : AbortSignal.any([this.signal, signalOf(this.#client)]);
  }

  carryOut<V>(client: StopSignal, act: () => V | Promise<V>): Promise<V> {
    this.#client = client;
    const { requestId } = this;
    return this.#grounds.changes.during({ requestId, stop: () => this.#leaving.abort() }, act);
  }

  leaveWith(signal: StopSignal): void {
    if (signal.aborted) {
      this.#leaving.abort();
    }
    signal.addEventListener('abort', () => this.#leaving.abort(), { once: true });
  }

  fork() {
    const session = new OpenedSession(this.#grounds, this.#users, undefined, true);
    const left = new Stop();
    session.leaveWith(left);
    return { session, leave: () => left.abort() };
  }

  onCall(call: ObservedCall): void {
    this.tally.onCall(call);
    this.#grounds.metrics.onCall(call);
    this.explanation?.onCall(call);
  }

  onRows(call: ObservedCall, rows: number): void {
    this.#grounds.metrics.onRows(call, rows);
    this.explanation?.onRows(call, rows);
  }

  get nowMs(): number {
    this.tally.hasLookedElsewhere = true;
    return Date.now();
  }

  onPlan(weighing: Weighing): void {
    this.tally.plans?.push(weighing);
    this.#grounds.metrics.onPlan(weighing);
    this.explanation?.onPlan(weighing);
  }

  onFreeLink(row: Row, property: string): void {
    this.tally.onFreeLink();
    this.explanation?.onFreeLink(row, property);
  }

  #asking() {
    return {
      signal: this.#leaving,
      observer: this,
      isPatient: this.#isPatient,
      leftMs: () => this.deadline.leftMs,
    };
  }
}

/** The same for whoever needs Node's own. */
function signalOf(stop: StopSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(stop.reason);
  if (stop.aborted) {
    abort();
  }
  stop.addEventListener('abort', abort);
  return controller.signal;
}
