/** A session for each request: whose it is, and everything that lives as long as it. */

import type { Config } from '../config.ts';
import { Deadline } from '../session/deadline.ts';
import { Explanation } from '../session/explanation.ts';
import type { Session } from '../session/session.ts';
import { Tally } from '../session/tally.ts';
import type { Rounds } from '../session/watching.ts';
import { DanubeConnection } from '../upstream/danube/connection.ts';
import type { Observer, Upstream } from '../upstream/http/upstream.ts';
import { WaldurConnection } from '../upstream/waldur/connection.ts';
import type { Sizes } from '../upstream/waldur/knowledge.ts';
import { danubeCaller, waldurCaller } from './callers.ts';
import { Fingerprints } from './fingerprints.ts';
import type { Metrics } from './metrics.ts';

/** What all sessions have in common. */
export interface Grounds {
  readonly config: Config;
  readonly waldur: Upstream | undefined;
  readonly danube: Upstream | undefined;
  readonly sizes: Sizes;
  readonly rounds: Rounds<Session>;
  readonly metrics: Metrics;
}

/**
 * @param address - the client's, as the socket and the proxies that are believed tell
 * @param isExplained - whether the client asked how the answer comes about
 * @throws {UpstreamFailure} `forbidden` for an impersonation that Waldur could not be asked for
 */
export type OpenSession = (
  request: Pick<Request, 'headers'>,
  address: string | undefined,
  isExplained: boolean,
) => Session;

export function sessionsOn(grounds: Grounds): OpenSession {
  const { config, waldur, danube, sizes, rounds, metrics } = grounds;
  const fingerprints = new Fingerprints(config.instances?.secret);
  return ({ headers }, address, isExplained) => {
    const waldurUser = waldur && waldurCaller(fingerprints, headers, config.waldur?.token, address);
    const danubeUser =
      danube && danubeCaller(fingerprints, headers, config.danube?.apiKey, address);
    const requestId = headers.get('x-request-id');
    const caller = `${waldurUser?.fingerprint} ${danubeUser?.fingerprint}`;
    const open = (explanation: Explanation | undefined, isPatient = false): Session => {
      const leaving = new AbortController();
      const deadline = new Deadline((reason) => leaving.abort(reason));
      const tally = new Tally();
      const asking = {
        signal: leaving.signal,
        observer: severally(tally, metrics, explanation),
        isPatient,
        leftMs: () => deadline.leftMs,
      };
      return {
        waldur: waldur && waldurUser && new WaldurConnection(waldur, sizes, waldurUser, asking),
        danube: danube && danubeUser && new DanubeConnection(danube, danubeUser, asking),
        caller,
        requestId,
        tally,
        explanation,
        onPlan: (weighing) => {
          metrics.onPlan(weighing);
          explanation?.onPlan(weighing);
        },
        onFreeLink: (row, property) => {
          tally.onFreeLink();
          explanation?.onFreeLink(row, property);
        },
        weights: config.planning,
        pace: config.polling,
        signal: leaving.signal,
        deadline,
        leaveWith: (signal) => {
          if (signal.aborted) {
            leaving.abort();
          }
          signal.addEventListener('abort', () => leaving.abort(), { once: true });
        },
        watchPace: config.watching,
        rounds,
        fork: () => {
          const session = open(undefined, true);
          const left = new AbortController();
          session.leaveWith(left.signal);
          return { session, leave: () => left.abort() };
        },
        outcomes: [],
        maxReferences: config.maxReferences,
        datacenter: config.danubeDatacenter,
      };
    };
    return open(isExplained ? new Explanation() : undefined);
  };
}

function severally(tally: Tally, metrics: Observer, explanation: Observer | undefined): Observer {
  return {
    onCall: (call) => {
      tally.onCall(call);
      metrics.onCall(call);
      explanation?.onCall(call);
    },
    onRows: (call, rows) => {
      metrics.onRows(call, rows);
      explanation?.onRows(call, rows);
    },
  };
}
