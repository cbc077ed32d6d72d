/** Faults as people write them, e.g. `waldur.projects=503@10%`. */

import { openRandom } from './random.ts';
import type { Fault, FaultRule } from './server.ts';

/** A fault, and the cloud that it is one of. */
export interface NamedFault {
  readonly cloud: 'waldur' | 'danube';
  readonly rule: FaultRule;
}

const form = /^(waldur|danube)(?:\.([a-z_-]+))?=([a-z]+|\d{3})(?:@(\d{1,3}(?:\.\d+)?)%)?$/;

const broken: Readonly<Record<string, Fault>> = {
  reset: { kind: 'reset' },
  hang: { kind: 'hang' },
  truncate: { kind: 'truncate', share: 0.5 },
  html: {
    kind: 'answer',
    answer: {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html><body>Please log in</body></html>',
    },
  },
};

const refusedTask = { task_id: '1d1d1-6f75849b-0c1e-4d4b-9a77', status: 'FAILURE' };

function faultNamed(cloud: NamedFault['cloud'], what: string): Fault | undefined {
  const status = Number(what);
  if (!Number.isInteger(status)) {
    return broken[what];
  }
  if (status < 400 || status > 599) {
    return undefined;
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const detail = `The sandbox was told to answer with ${status}.`;
  // Danube says in an envelope what is wrong with a request, and in a detail all else.
  const isEnveloped = cloud === 'danube' && status === 400;
  const body = JSON.stringify(isEnveloped ? { ...refusedTask, result: detail } : { detail });
  if (status === 429) {
    headers['retry-after'] = '1';
  }
  return { kind: 'answer', answer: { status, headers, body } };
}

/**
 * @param text - `cloud[.collection]=what[@share%]`: an HTTP status from 400 to 599, or `reset`, `hang`,
 *   `truncate` or `html`; of all answers, or of so many of a hundred
 * @param seed - which ones: the same seed gives the same ones
 * @returns undefined when the text cannot be read
 */
export function faultIn(text: string, seed: number): NamedFault | undefined {
  const [, cloud, collection, what = '', percent = '100'] = form.exec(text) ?? [];
  if (cloud !== 'waldur' && cloud !== 'danube') {
    return undefined;
  }
  const fault = faultNamed(cloud, what);
  const share = Number(percent) / 100;
  if (fault === undefined || share > 1) {
    return undefined;
  }
  const random = openRandom(seed);
  const prefix = collection === undefined ? '/' : `/api/${collection}/`;
  return {
    cloud,
    rule: { when: ({ path }) => path.startsWith(prefix) && random.chance(share), fault },
  };
}
