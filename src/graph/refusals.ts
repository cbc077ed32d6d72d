/** What a mutation answers with instead of success, where that can be expected. */

import { type FailureKind, InvalidInputError, type Issue, UpstreamFailure } from '../failure.ts';
import { builder } from './builder.ts';
import { shownFailures } from './failures.ts';

/** Kinds of failures that are data. All others are errors. */
const refusals = {
  invalid: { type: 'InvalidInput', code: 'INVALID_INPUT' },
  'not-found': { type: 'NotFound', code: 'NOT_FOUND' },
  forbidden: { type: 'Forbidden', code: 'FORBIDDEN' },
  conflict: { type: 'Conflict', code: 'CONFLICT' },
  precondition: { type: 'PreconditionFailed', code: 'PRECONDITION_FAILED' },
  'outcome-unknown': { type: 'OutcomeUnknown', code: 'OUTCOME_UNKNOWN' },
} as const satisfies Partial<Record<FailureKind, object>>;

type RefusalKind = keyof typeof refusals;

export class Refusal {
  readonly type: (typeof refusals)[RefusalKind]['type'];
  readonly code: (typeof refusals)[RefusalKind]['code'];
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly allowedStates: readonly string[];
  readonly isConfirmationMissing: boolean;
  /** A query in this graph's language. */
  readonly checkWith: string;

  constructor(
    kind: RefusalKind,
    issues: readonly Issue[],
    checkWith: string,
    { allowedStates = [], isConfirmationMissing = false }: Partial<UpstreamFailure> = {},
  ) {
    const { type, code } = refusals[kind];
    this.type = type;
    this.code = code;
    this.issues = issues;
    this.allowedStates = allowedStates;
    this.isConfirmationMissing = isConfirmationMissing;
    this.checkWith = checkWith;
    // Issues of an input are shown one by one; what else a cloud says belongs into the message.
    this.message =
      kind === 'invalid'
        ? 'The input cannot be accepted.'
        : [shownFailures[kind].message, ...issues.map((issue) => issue.message)]
            .join(' ')
            .slice(0, maxMessageLength);
  }
}

const maxMessageLength = 1_000;

/**
 * What the mutation gives, or why it was refused.
 *
 * @param checkWith - the query that tells what has become of it
 * @throws whatever is no refusal
 */
export async function orRefusal<S>(act: () => Promise<S>, checkWith: string): Promise<S | Refusal> {
  try {
    return await act();
  } catch (reason) {
    if (reason instanceof InvalidInputError) {
      return new Refusal('invalid', reason.issues, checkWith);
    }
    if (reason instanceof UpstreamFailure && Object.hasOwn(refusals, reason.kind)) {
      const kind = reason.kind as RefusalKind;
      return new Refusal(kind, reason.issues, checkWith, reason);
    }
    throw reason;
  }
}

const FailureCodeRef = builder.enumType('FailureCode', {
  description: 'Why a mutation was refused, one for each type of Failure.',
  values: {
    INVALID_INPUT: { description: 'The input is wrong.' },
    NOT_FOUND: { description: 'What was to be changed is not there, or not to be seen.' },
    FORBIDDEN: { description: 'The caller may not do this.' },
    CONFLICT: { description: 'Not now: the state does not allow it.' },
    PRECONDITION_FAILED: { description: 'Something else has to be done, or confirmed, first.' },
    OUTCOME_UNKNOWN: { description: 'Nobody knows whether it was carried out.' },
  },
});

const FailureRef = builder.interfaceRef<Refusal>('Failure').implement({
  description:
    'Why a mutation was not carried out, or why nobody knows. Outages, missing credentials and rate limits are errors instead.',
  resolveType: ({ type }) => type,
  fields: (t) => ({
    code: t.field({
      type: FailureCodeRef,
      description: 'Stable, one for each type.',
      resolve: ({ code }) => code,
    }),
    message: t.exposeString('message', { description: 'For people; may change.' }),
  }),
});

const InputIssueRef = builder.objectRef<Issue>('InputIssue').implement({
  shareable: true,
  description: 'One fault of an input.',
  fields: (t) => ({
    path: t.field({
      type: ['String'],
      description:
        "Leads into the mutation's input, e.g. rules, 2, cidr, or begins with the argument's name for any other argument; empty when the whole input is at fault.",
      resolve: ({ path }) => [...path],
    }),
    message: t.exposeString('message', { description: 'What is wrong, for people; may change.' }),
  }),
});

const InvalidInputRef = builder.objectRef<Refusal>('InvalidInput').implement({
  shareable: true,
  description: 'The input cannot be accepted; nothing was changed.',
  interfaces: [FailureRef],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueRef],
      description:
        'Every fault that was found, in the order of the input; empty when the cloud did not say.',
      resolve: ({ issues }) => [...issues],
    }),
  }),
});

const NotFoundRef = builder.objectRef<Refusal>('NotFound').implement({
  shareable: true,
  description: 'What was to be changed does not exist, or the caller may not see it.',
  interfaces: [FailureRef],
});

const ForbiddenRef = builder.objectRef<Refusal>('Forbidden').implement({
  shareable: true,
  description: 'The caller may not do this; nothing was changed.',
  interfaces: [FailureRef],
});

const ConflictRef = builder.objectRef<Refusal>('Conflict').implement({
  shareable: true,
  description: 'The state of the resource does not allow it now; another time it may.',
  interfaces: [FailureRef],
  fields: (t) => ({
    allowedStates: t.field({
      type: ['String'],
      description: 'States in which it would be allowed; empty when the cloud did not say.',
      resolve: ({ allowedStates }) => [...allowedStates],
    }),
  }),
});

const PreconditionFailedRef = builder.objectRef<Refusal>('PreconditionFailed').implement({
  shareable: true,
  description: 'Something else has to be done, or confirmed, first; nothing was changed.',
  interfaces: [FailureRef],
  fields: (t) => ({
    confirmationRequired: t.boolean({
      description: 'Whether it would be done when it is confirmed.',
      resolve: ({ isConfirmationMissing }) => isConfirmationMissing,
    }),
  }),
});

const OutcomeUnknownRef = builder.objectRef<Refusal>('OutcomeUnknown').implement({
  shareable: true,
  description:
    'The change was sent and the connection broke before the answer: it may or may not have been carried out. It was not sent again.',
  interfaces: [FailureRef],
  fields: (t) => ({
    checkWith: t.exposeString('checkWith', {
      description: 'A query to run against this graph that shows what has become of it.',
    }),
  }),
});

export const refusalRefs = [
  InvalidInputRef,
  NotFoundRef,
  ForbiddenRef,
  ConflictRef,
  PreconditionFailedRef,
  OutcomeUnknownRef,
] as const;
