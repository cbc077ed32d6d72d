/** The four shapes of Danube's answers, and what its statuses mean. */

import type { FailureKind, Issue } from '../../failure.ts';

const danubeTaskStatuses = ['PENDING', 'STARTED', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
type DanubeTaskStatus = (typeof danubeTaskStatuses)[number];

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

/** The list in an answer that has no envelope, or why there is none. */
export function readBareList(status: number, body: unknown): readonly unknown[] | FailureKind {
  if (status === 200 && Array.isArray(body)) {
    return body;
  }
  const read = readAnswer(status, body);
  return typeof read === 'string' ? read : 'malformed';
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

/** Why a change was not carried out, or that nobody knows whether it was. */
interface WriteFailure {
  readonly failure: FailureKind;
  readonly issues: readonly Issue[];
  readonly isConfirmationMissing: boolean;
}

/**
 * What an answer to a change says: a task, the end of what was done at once, or why not.
 *
 * A failure in an envelope is a refusal when it has no return code: an object of fields is about the
 * input, a text is about a queue or a lock, which another time may be free.
 *
 * @param body - parsed JSON, null for none
 */
export function readWrite(status: number, body: unknown): Envelope | WriteFailure {
  const envelope = [200, 201, 400, 410].includes(status) ? asEnvelope(body) : undefined;
  const hasRun = Object.hasOwn(Object(envelope?.result), 'returncode');
  if (envelope !== undefined && (envelope.status !== 'FAILURE' || hasRun)) {
    return envelope;
  }
  if (envelope !== undefined) {
    const issues = issuesIn(envelope.result);
    const failure = typeof envelope.result === 'string' ? 'conflict' : 'invalid';
    return { failure, issues, isConfirmationMissing: false };
  }
  const detail = detailOf(body);
  const issues = detail === '' ? [] : [{ path: [], message: detail }];
  // Only the text tells one 417 from another; a 503 without one is not Danube's own.
  const isConfirmationMissing = status === 417 && detail === 'Are you sure?';
  const isLost = [502, 503, 504].includes(status) && detail === '';
  // What was accepted is under way, or done, also where nobody can read which.
  const isAccepted = status >= 200 && status < 300;
  const failure = isLost || isAccepted ? 'outcome-unknown' : failureOf(status, body);
  return { failure, issues, isConfirmationMissing };
}

/** Lists of texts by field; what crosses fields is about the whole. */
function issuesIn(result: unknown): Issue[] {
  if (typeof result === 'string') {
    return [{ path: [], message: result }];
  }
  return Object.entries((result ?? {}) as Record<string, unknown>).flatMap(([field, texts]) =>
    (Array.isArray(texts) ? texts : [texts]).map((text) => ({
      path: field === 'non_field_errors' ? [] : [field],
      message: String(text),
    })),
  );
}

/** Danube never answers 401: only these texts of a 403 mean that the credential is at fault. */
const credentialTexts =
  /^(Authentication credentials were not provided|Invalid API key|Invalid token|User inactive or deleted|User account is not allowed to access API|User account is disabled)/;

function failureOf(status: number, body: unknown): FailureKind {
  switch (status) {
    case 400:
      return 'invalid';
    case 403:
      return credentialTexts.test(detailOf(body)) ? 'unauthenticated' : 'forbidden';
    case 404:
      return 'not-found';
    // There already, out of range, or not to be cancelled.
    case 406:
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
