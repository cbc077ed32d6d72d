/** Why no answer came, in words that depend on neither HTTP nor GraphQL. */

/** Add a kind here before mapping a new status to it. */
export type FailureKind =
  | 'not-found'
  | 'unauthenticated'
  | 'forbidden'
  | 'invalid'
  | 'conflict'
  | 'precondition'
  | 'rate-limited'
  | 'unavailable'
  | 'timed-out'
  | 'malformed'
  /** A write was sent and no answer tells what came of it: it may have been carried out or not. */
  | 'outcome-unknown'
  | 'not-configured'
  | 'cancelled';

/** The upstreams, as users know them. */
export type UpstreamName = 'waldur' | 'danube';

/** What is wrong, and where: a path of names and indexes, empty when it is about the whole. */
export interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

/** Where a change of several steps has come to its end, and what is left of it. */
export interface BrokenRecipe {
  readonly step: RecipeStep;
  /** Which disk or network card, from 1 on; null for other steps. */
  readonly number: number | null;
  /** What the steps before have made and could not take back, in the order in which it was made. */
  readonly left: readonly MachinePart[];
}

export type RecipeStep = 'DEFINE' | 'DISK' | 'NIC' | 'DEPLOY' | 'STOP' | 'DELETE' | 'UNDEFINE';

export interface MachinePart {
  readonly kind: 'MACHINE' | 'DEFINITION' | 'DISK' | 'NIC';
  /** Which disk or network card, from 1 on; null for others. */
  readonly number: number | null;
}

export interface FailureDetails {
  readonly kind: FailureKind;
  readonly upstream: UpstreamName;
  /** What the upstream said, and about which of its own parameters or fields. */
  readonly issues?: readonly Issue[];
  /** For a conflict: the states in which it would be allowed. */
  readonly allowedStates?: readonly string[];
  /** For a precondition: whether a confirmation is all that is missing. */
  readonly isConfirmationMissing?: boolean;
  /** Milliseconds the upstream asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** For a change of several steps. */
  readonly recipe?: BrokenRecipe | undefined;
  readonly cause?: unknown;
}

/**
 * The only error that the upstream half throws on purpose.
 *
 * The message is written for the operator's log and carries no secret: it is built from the method,
 * the path, the status and the kind, never from a header or a body.
 */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: FailureKind;
  readonly upstream: UpstreamName;
  readonly issues: readonly Issue[];
  /** Empty when the upstream named none. */
  readonly allowedStates: readonly string[];
  readonly isConfirmationMissing: boolean;
  /** Absent when the upstream did not say. */
  readonly retryAfterMs: number | undefined;
  /** Absent for a change of one step. */
  readonly recipe: BrokenRecipe | undefined;

  constructor(message: string, details: FailureDetails) {
    super(message, { cause: details.cause });
    this.kind = details.kind;
    this.upstream = details.upstream;
    this.issues = details.issues ?? [];
    this.allowedStates = details.allowedStates ?? [];
    this.isConfirmationMissing = details.isConfirmationMissing ?? false;
    this.retryAfterMs = details.retryAfterMs;
    this.recipe = details.recipe;
  }
}

/** Nobody reads more, and a small input can have many thousands. */
const mostIssues = 100;

/** An input that no cloud could accept; nothing was sent. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  /** At least one, and the first hundred where there are more; paths lead into the input. */
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const told = issues.slice(0, mostIssues);
    super(told.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    this.issues = told;
  }
}

const passing: readonly FailureKind[] = [
  'unavailable',
  'timed-out',
  'malformed',
  'rate-limited',
  'cancelled',
];

/** Whether a failure may be over by the next look. */
export function isPassing(reason: unknown): boolean {
  return reason instanceof UpstreamFailure && passing.includes(reason.kind);
}

/** Whatever was thrown, as an error. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/**
 * Turns `not-found` into null and throws everything else on; for `promise.catch(nullIfAbsent)`.
 *
 * @throws whatever it is given, unless that is an {@link UpstreamFailure} of kind `not-found`
 */
export function nullIfAbsent(reason: unknown): null {
  if (reason instanceof UpstreamFailure && reason.kind === 'not-found') {
    return null;
  }
  throw reason;
}
