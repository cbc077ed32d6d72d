/** What is wrong in any cloud, and what may help. */

import { GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import { builder } from '../../graph/builder.ts';
import { inputError } from '../../graph/input-error.ts';
import { maxPageLength } from '../../graph/paging.ts';
import { wantedAlong, wantedIn } from '../../graph/selection.ts';
import type { Row, Wanted } from '../../rows/row.ts';
import { AllocationRef } from '../allocation/allocation.graph.ts';
import { SearchTypeRef } from '../search/search.graph.ts';
import { typeNames } from '../search/search.model.ts';
import { SecurityGroupRef } from '../security-group/security-group.graph.ts';
import { ServerGroupRef } from '../server-group/server-group.graph.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { VirtualMachineRef } from '../virtual-machine/virtual-machine.graph.ts';
import { mostOfKind, problemsIn, remediesFor } from './problem.access.ts';
import {
  type Found,
  type Problem,
  type ProblemKind,
  problemTypes,
  type Remedy,
  type RemedyRight,
} from './problem.model.ts';

const mostMinutes = 525_600;

const ProblemKindRef = builder.enumType('ProblemKind', {
  description: 'What is wrong.',
  values: {
    ERRED: { description: 'The last operation failed: ERRED in Waldur, a machine in ERROR.' },
    STUCK: { description: 'A transition has begun too long ago and has not ended.' },
  } satisfies Record<ProblemKind, object>,
});

const RemedyRightRef = builder.enumType('RemedyRight', {
  description: 'By which right the caller may use a mutation, as far as that is known beforehand.',
  values: {
    STAFF: { description: 'The caller is staff, whom Waldur lets do everything.' },
    MANAGER: {
      description:
        "The caller manages the project, as Waldur's filter can_manage says; Waldur before 8 does not know it and names every project that the caller sees.",
    },
    CLOUD_DECIDES: {
      description: 'Danube Cloud tells nobody beforehand: it may answer with Forbidden.',
    },
  } satisfies Record<RemedyRight, object>,
});

const RemedyRef = builder.objectRef<Remedy>('Remedy').implement({
  description: 'A mutation of this graph that may help.',
  fields: (t) => ({
    mutation: t.exposeString('mutation', { description: 'Its name, e.g. pullSecurityGroup.' }),
    purpose: t.exposeString('purpose', { description: 'What it does, for people; may change.' }),
    right: t.expose('right', { type: RemedyRightRef, description: 'Why it is named here.' }),
    isDestructive: t.exposeBoolean('isDestructive', {
      description: 'Whether something may be gone for good afterwards.',
    }),
    document: t.exposeString('document', {
      description: 'The mutation as it can be sent to this graph.',
    }),
  }),
});

const SubjectRef = builder.unionType('ProblemSubject', {
  description: 'Anything that something can be wrong with.',
  types: [TenantRef, SecurityGroupRef, ServerGroupRef, AllocationRef, VirtualMachineRef],
  resolveType: (row) => (row as Row).noun?.name,
});

const ProblemRef = builder.objectRef<Problem>('Problem').implement({
  description: 'Something that is wrong.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ProblemKindRef, description: 'What.' }),
    type: t.expose('type', { type: SearchTypeRef, description: 'Of which type its subject is.' }),
    subject: t.field({
      type: SubjectRef,
      description: 'With what.',
      resolve: ({ subject }, _args, _context, info) => {
        const type = info.schema.getType(subject.noun?.name ?? '');
        subject.want(wantedIn(info, type instanceof GraphQLObjectType ? type : undefined));
        return subject as never;
      },
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        "Since when: Waldur's `modified`, which is its last save, or the time at which the machine's status changed; null when Danube Cloud does not tell.",
      resolve: ({ since }) => since,
    }),
    message: t.string({
      nullable: true,
      description: 'What the cloud says of it; null for nothing, as always of machines.',
      resolve: ({ type, subject }) =>
        type === 'VIRTUAL_MACHINE'
          ? null
          : (subject as Row<{ errorMessage: string | null }>).get('errorMessage'),
    }),
    remedies: t.field({
      type: [RemedyRef],
      nullable: { list: true, items: false },
      description:
        'Mutations that may help and that the caller may use, the harmless first; empty when this graph has none, as for tenants and for machines in ERROR, or none for this caller. Null, with an error, when the rights cannot be read.',
      resolve: (problem, _args, { session }) => remediesFor(session, problem),
    }),
  }),
});

/** All that was found, of every kind. */
type Problems = Promise<{ readonly found: readonly Found[]; readonly first: number }>;

const ProblemsRef = builder.objectRef<{ readonly all: Problems }>('Problems').implement({
  description: 'What is wrong in all clouds that could be asked.',
  fields: (t) => ({
    nodes: t.field({
      type: [ProblemRef],
      nullable: { list: false, items: true },
      description:
        'The oldest first, those of unknown age last; and then null, with an error, for each type in `unanswered`.',
      resolve: async ({ all }) => {
        const { found, first } = await all;
        const problems = found.flatMap((one) => one.problems).sort(byAge);
        const failures = found.flatMap(({ failure }) => failure ?? []);
        return [...problems.slice(0, first), ...failures] as Problem[];
      },
    }),
    totalCount: t.int({
      description: 'How many there are in all that could be asked, those beyond `first` included.',
      resolve: async ({ all }) =>
        (await all).found.reduce((sum, { problems }) => sum + problems.length, 0),
    }),
    unanswered: t.field({
      type: [SearchTypeRef],
      description:
        'Types of which not everything could be asked, as their cloud, or a datacenter of it, gave no answer, in no particular order. Empty when all is well.',
      resolve: async ({ all }) =>
        (await all).found.flatMap(({ type, failure }) => (failure === null ? [] : type)),
    }),
    isComplete: t.boolean({
      description: `Whether everything was looked at: false when something is unanswered, and when more than ${mostOfKind} of one type are not OK, of which those created first were looked at.`,
      resolve: async ({ all }) => (await all).found.every(({ isWhole }) => isWhole),
    }),
  }),
});

/** What is not known is not old. */
function byAge(one: Problem, other: Problem): number {
  const age = ({ since }: Problem) =>
    since === null ? Number.POSITIVE_INFINITY : Date.parse(since);
  const [first, second] = [age(one), age(other)];
  return first === second ? 0 : first - second;
}

/** What is selected of subjects, by type. */
function wantedOfSubjects(info: GraphQLResolveInfo): Partial<Record<Problem['type'], Wanted>> {
  const way = [
    ['Problems', 'nodes'],
    ['Problem', 'subject'],
  ] as const;
  const message = isSelected(info, 'message') ? { errorMessage: {} } : {};
  return Object.fromEntries(
    problemTypes.map((type) => [type, { ...message, ...wantedAlong(info, way, typeNames[type]) }]),
  );
}

function isSelected(info: GraphQLResolveInfo, field: string): boolean {
  const way = [
    ['Problems', 'nodes'],
    ['Problem', field],
  ] as const;
  return wantedAlong(info, way) !== undefined;
}

builder.queryField('problems', (t) =>
  t.field({
    type: ProblemsRef,
    description:
      "What is ERRED, or has been in a transition for too long, of all that the caller sees: one call to Waldur for each of its types, and one to Danube Cloud for each datacenter and one for their names. Times are compared with this gateway's clock.",
    extensions: { costs: { calls: 8, each: 'first' } },
    args: {
      minutes: t.arg.int({
        required: true,
        defaultValue: 15,
        description: `How long a transition may take, in minutes, 0 to ${mostMinutes}.`,
      }),
      first: t.arg.int({
        required: true,
        defaultValue: 20,
        description: `How many to show, 0 to ${maxPageLength}.`,
      }),
    },
    resolve: (_root, { minutes, first }, { session }, info) => {
      if (minutes < 0 || minutes > mostMinutes) {
        throw inputError(['minutes'], `must be from 0 to ${mostMinutes}`);
      }
      if (first < 0 || first > maxPageLength) {
        throw inputError(['first'], `must be from 0 to ${maxPageLength}`);
      }
      const all = problemsIn(session, {
        stuckBeforeMs: session.nowMs - minutes * 60_000,
        wanted: wantedOfSubjects(info),
        withRemedies: isSelected(info, 'remedies'),
      });
      return { all: all.then((found) => ({ found, first })) };
    },
  }),
);
