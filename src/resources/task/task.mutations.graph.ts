/** Calling tasks off. */

import { builder } from '../../graph/builder.ts';
import { notedOutcome } from '../../graph/outcomes.ts';
import { Refusal, refusalRefs } from '../../graph/refusals.ts';
import { type CancelInput, cancelTask } from './task.access.ts';
import { TaskRef } from './task.graph.ts';
import type { Task } from './task.model.ts';

const CancelInputRef = builder.inputRef<CancelInput>('CancelTaskInput').implement({
  description: 'A task to call off.',
  fields: (t) => ({
    taskId: t.string({ required: true, description: 'As a mutation gave it.' }),
    force: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether to end it even while a node works on it.',
    }),
    datacenter: t.string({
      description: 'Where it runs: Danube looks nowhere else; null = the configured default.',
    }),
  }),
});

const CancelSuccessRef = builder.objectRef<{ readonly task: Task }>('CancelTaskSuccess').implement({
  description: 'Danube has been asked to call the task off.',
  fields: (t) => ({
    task: t.field({
      type: TaskRef,
      description: 'As it is then: REVOKED, unless it has ended by itself or ends later.',
      resolve: ({ task }) => task,
    }),
  }),
});

const CancelResultRef = builder.unionType('CancelTaskResult', {
  description: 'What cancelTask answers with: success, or why not.',
  types: [CancelSuccessRef, ...refusalRefs],
  resolveType: (result) => (result instanceof Refusal ? result.type : 'CancelTaskSuccess'),
});

builder.mutationField('cancelTask', (t) =>
  t.field({
    type: CancelResultRef,
    nullable: true,
    description:
      'Calls a task off that has not ended; a Conflict for one that has, or that cannot be called off.',
    args: { input: t.arg({ type: CancelInputRef, required: true, description: 'Which task.' }) },
    resolve: (_root, { input }, { session }) =>
      notedOutcome(
        session,
        'cancelTask',
        async () => ({ task: await cancelTask(session, input) }),
        `{ task(taskId: ${JSON.stringify(input.taskId)}) { status message } }`,
      ),
  }),
);
