/** What Waldur's statuses mean. */

import type { FailureKind } from '../../failure.ts';
import type { HttpAnswer } from '../http/answer.ts';
import { type HttpRequest, isWrite } from '../http/send.ts';

/** Kinds whose answers say what is the matter in words for users. */
export const refusals = new Set<FailureKind>(['invalid', 'forbidden', 'conflict', 'precondition']);

/** Whether it says what was asked for, or that this is not there. */
export function isAnswered(method: HttpRequest['method'], status: number): boolean {
  return isWrite(method) ? [200, 201, 202, 204].includes(status) : status === 200 || status === 404;
}

/** Why a change was not carried out, or that nobody knows whether it was. */
export function kindOfWrite(answer: HttpAnswer): FailureKind {
  switch (answer.status) {
    case 404:
      return isJson(answer) ? 'not-found' : 'malformed';
    case 423:
      return 'conflict';
    case 412:
    case 417:
    case 424:
    case 428:
      return 'precondition';
    // Whatever stands before Waldur has lost the connection to it, or patience.
    case 502:
    case 503:
    case 504:
      return 'outcome-unknown';
    default:
      // Accepted in a way that Waldur does not have, it may have been carried out all the same.
      return answer.status < 300 ? 'outcome-unknown' : kindOf(answer.status);
  }
}

/** Source: Waldur's own statuses; whatever else it answers is not an answer. */
export function kindOf(status: number): FailureKind {
  switch (status) {
    case 400:
      return 'invalid';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 409:
      return 'conflict';
    case 429:
      return 'rate-limited';
    default:
      return 'malformed';
  }
}

export function isJson(answer: HttpAnswer): boolean {
  const type = answer.headers['content-type'];
  return typeof type === 'string' && /^application\/json\b/i.test(type);
}
