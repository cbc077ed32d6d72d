/** What a mutation answers with instead of success, where that can be expected. */

import type {
  BrokenRecipe,
  FailureKind,
  Issue,
  MachinePart,
  RecipeStep,
  UpstreamFailure,
} from '../failure.ts';
import type { Row } from '../rows/row.ts';
import { builder } from './builder.ts';
import { shownFailures } from './failures.ts';

/** Kinds of failures that are data. All others are errors. */
export const refusals = {
  invalid: { type: 'InvalidInput', code: 'INVALID_INPUT' },
  'not-found': { type: 'NotFound', code: 'NOT_FOUND' },
  forbidden: { type: 'Forbidden', code: 'FORBIDDEN' },
  conflict: { type: 'Conflict', code: 'CONFLICT' },
  precondition: { type: 'PreconditionFailed', code: 'PRECONDITION_FAILED' },
  'outcome-unknown': { type: 'OutcomeUnknown', code: 'OUTCOME_UNKNOWN' },
} as const satisfies Partial<Record<FailureKind, object>>;

export type RefusalKind = keyof typeof refusals;

export class Refusal {
  readonly type: (typeof refusals)[RefusalKind]['type'];
  readonly code: (typeof refusals)[RefusalKind]['code'];
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly allowedStates: readonly string[];
  readonly isConfirmationMissing: boolean;
  /** A query in this graph's language. */
  readonly checkWith: string;
  /** Null for a change of one step. */
  readonly recipe: BrokenRecipe | null;
  /** What was modified since the client saw it, as it is now; null for every other reason. */
  readonly current: Row | null;

  constructor(
    kind: RefusalKind,
    issues: readonly Issue[],
    checkWith: string,
    { allowedStates = [], isConfirmationMissing = false, recipe }: Partial<UpstreamFailure> = {},
    current: Row | null = null,
  ) {
    const { type, code } = refusals[kind];
    this.type = type;
    this.code = code;
    this.issues = issues;
    this.allowedStates = allowedStates;
    this.isConfirmationMissing = isConfirmationMissing;
    this.checkWith = checkWith;
    this.recipe = recipe ?? null;
    this.current = current;
    // Issues of an input are shown one by one; what else a cloud says belongs into the message.
    this.message =
      kind === 'invalid'
        ? 'The input cannot be accepted.'
        : current !== null
          ? 'It was modified since it was last seen; nothing was changed.'
          : [shownFailures[kind].message, ...issues.map((issue) => issue.message)]
              .join(' ')
              .slice(0, maxMessageLength);
  }
}

const maxMessageLength = 1_000;

const FailureCodeRef = builder.enumType('FailureCode', {
  description: 'Why a mutation was refused, one for each type of Failure.',
  values: {
    INVALID_INPUT: { description: 'The input is wrong.' },
    NOT_FOUND: { description: 'What was to be changed is not there, or not to be seen.' },
    FORBIDDEN: { description: 'The caller may not do this.' },
    CONFLICT: { description: 'Not now: the state does not allow it, or it was modified since.' },
    PRECONDITION_FAILED: { description: 'Something else has to be done, or confirmed, first.' },
    OUTCOME_UNKNOWN: { description: 'Nobody knows whether it was carried out.' },
  },
});

const RecipeStepRef = builder.enumType('RecipeStep', {
  description: 'One step of a change that takes several.',
  values: {
    DEFINE: { description: 'Defining the machine.' },
    DISK: { description: 'Defining a disk.' },
    NIC: { description: 'Defining a network card.' },
    DEPLOY: { description: 'Deploying the machine on its node.' },
    STOP: { description: 'Stopping the machine.' },
    DELETE: { description: 'Destroying the machine on its node.' },
    UNDEFINE: { description: 'Deleting the definition.' },
  } satisfies Record<RecipeStep, object>,
});

const MachinePartKindRef = builder.enumType('MachinePartKind', {
  description: 'What a machine is made of.',
  values: {
    MACHINE: { description: 'What is deployed on a node.' },
    DEFINITION: { description: 'What is defined of it as a whole.' },
    DISK: { description: 'A disk that is defined.' },
    NIC: { description: 'A network card that is defined.' },
  } satisfies Record<MachinePart['kind'], object>,
});

const MachinePartRef = builder.objectRef<MachinePart>('MachinePart').implement({
  shareable: true,
  description: 'A part of a machine, deployed or defined.',
  fields: (t) => ({
    kind: t.field({
      type: MachinePartKindRef,
      description: 'What it is.',
      resolve: ({ kind }) => kind,
    }),
    number: t.exposeInt('number', {
      nullable: true,
      description: 'Which disk or network card, from 1 on; null for others.',
    }),
  }),
});

const BrokenRecipeRef = builder.objectRef<BrokenRecipe>('BrokenRecipe').implement({
  shareable: true,
  description: 'Where a change of several steps has come to its end.',
  fields: (t) => ({
    step: t.field({
      type: RecipeStepRef,
      description: 'The step that failed.',
      resolve: ({ step }) => step,
    }),
    number: t.exposeInt('number', {
      nullable: true,
      description: 'Which disk or network card, from 1 on; null for other steps.',
    }),
    left: t.field({
      type: [MachinePartRef],
      description:
        'What is there now because of this change, or in spite of it, in the order in which it is made; empty when all was taken back.',
      resolve: ({ left }) => [...left],
    }),
  }),
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
    recipe: t.field({
      type: BrokenRecipeRef,
      nullable: true,
      description:
        'For a change of several steps, which of them failed and what is left; null for all others, and when nothing was begun.',
      resolve: ({ recipe }) => recipe,
    }),
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
  description: 'The input cannot be accepted. Nothing was changed but what `recipe` tells of.',
  interfaces: [FailureRef],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueRef],
      description:
        'Every fault that was found, or the first hundred, in the order of the input; empty when the cloud did not say.',
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
  description: 'The caller may not do this. Nothing was changed but what `recipe` tells of.',
  interfaces: [FailureRef],
});

export const ConflictRef = builder.objectRef<Refusal>('Conflict').implement({
  shareable: true,
  description:
    'The state of the resource does not allow it now, and another time it may; or it was modified since the caller last saw it.',
  interfaces: [FailureRef],
  fields: (t) => ({
    allowedStates: t.field({
      type: ['String'],
      description:
        'States in which it would be allowed, in no particular order; empty when the cloud did not say.',
      resolve: ({ allowedStates }) => [...allowedStates],
    }),
  }),
});

const PreconditionFailedRef = builder.objectRef<Refusal>('PreconditionFailed').implement({
  shareable: true,
  description:
    'Something else has to be done, or confirmed, first. Nothing was changed but what `recipe` tells of.',
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
    'The change was sent and no answer tells what came of it: it may or may not have been carried out. It was not sent again.',
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
