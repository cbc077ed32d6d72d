/** The four shapes of Danube's answers, and what its statuses mean. */

import type { FailureKind } from '../../failure.ts';

export const danubeTaskStatuses = ['PENDING', 'STARTED', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
export type DanubeTaskStatus = (typeof danubeTaskStatuses)[number];

export interface Envelope {
  readonly taskId: string;
  readonly status: DanubeTaskStatus;
  readonly result: unknown;
}

/**
 * The envelope in an answer, or why there is none.
 *
 * An envelope decides by its own `status`: 201 stands both for an accepted task and for an object
 * that was created, and a failed task's status comes with 400.
 *
 * @param status - of HTTP
 * @param body - parsed JSON
 */
export function readAnswer(status: number, body: unknown): Envelope | FailureKind {
  const envelope = asEnvelope(body);
  if (envelope !== undefined && [200, 201, 400, 410].includes(status)) {
    return envelope;
  }
  return failureOf(status, body);
}

function asEnvelope(body: unknown): Envelope | undefined {
  if (typeof body !== 'object' || body === null) {
    return undefined;
  }
  const { task_id: taskId, status, result } = body as Record<string, unknown>;
  const known = danubeTaskStatuses.find((name) => name === status);
  return typeof taskId === 'string' && known !== undefined
    ? { taskId, status: known, result: result ?? null }
    : undefined;
}

/** Danube never answers 401: only these texts of a 403 mean that the credential is at fault. */
const credentialTexts =
  /^(Authentication credentials were not provided|Invalid API key|Invalid token|User inactive or deleted|User account is not allowed to access API|User account is disabled)/;

function failureOf(status: number, body: unknown): FailureKind {
  switch (status) {
    case 400:
    case 406:
      return 'invalid';
    case 403:
      return credentialTexts.test(detailOf(body)) ? 'unauthenticated' : 'forbidden';
    case 404:
      return 'not-found';
    case 409:
    case 423:
      return 'conflict';
    case 412:
    case 417:
    case 424:
    case 428:
      return 'precondition';
    case 429:
      return 'rate-limited';
    case 503:
      return 'unavailable';
    default:
      return 'malformed';
  }
}

function detailOf(body: unknown): string {
  const detail = (body as { detail?: unknown } | null)?.detail;
  return typeof detail === 'string' ? detail : '';
}
