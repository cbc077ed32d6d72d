/** What a client is told when an upstream gave no answer. */

import type { FailureKind } from '../failure.ts';

/** The codes are part of the API: add, never rename. docs/frontend.md holds the same table. */
export const shownFailures: Record<
  FailureKind,
  { readonly code: string; readonly message: string }
> = {
  'not-found': { code: 'NOT_FOUND', message: 'This does not exist, or you may not see it.' },
  unauthenticated: {
    code: 'UNAUTHENTICATED',
    message: 'The cloud behind this field does not accept the credential, or there was none.',
  },
  forbidden: { code: 'FORBIDDEN', message: 'You may not do this.' },
  invalid: { code: 'BAD_USER_INPUT', message: 'The cloud behind this field refused an argument.' },
  conflict: { code: 'CONFLICT', message: 'The state of the resource does not allow this now.' },
  precondition: { code: 'PRECONDITION_FAILED', message: 'Something else has to be done first.' },
  'rate-limited': { code: 'RATE_LIMITED', message: 'Too many requests. Retry later.' },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'The cloud behind this field cannot be reached.',
  },
  'timed-out': {
    code: 'UPSTREAM_TIMEOUT',
    message: 'The cloud behind this field took too long to answer.',
  },
  malformed: {
    code: 'UPSTREAM_FAILED',
    message: 'The cloud behind this field gave an answer that is not one.',
  },
  'outcome-unknown': {
    code: 'OUTCOME_UNKNOWN',
    message:
      'The change was sent and no answer tells what came of it: it may or may not have been carried out.',
  },
  'not-configured': {
    code: 'UPSTREAM_NOT_CONFIGURED',
    message: 'This gateway is not connected to the cloud behind this field.',
  },
  cancelled: { code: 'CANCELLED', message: 'The request was given up.' },
};
