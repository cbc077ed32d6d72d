/** Danube Cloud's tasks in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity } from '../../graph/entity.ts';
import { inputError } from '../../graph/input-error.ts';
import { NodeRef, registerNode } from '../../graph/node.ts';
import { isKnown, isTaskId, taskById } from './task.access.ts';
import type { Task, TaskStatus } from './task.model.ts';

export const TaskRef = builder.objectRef<Task>('Task');

registerNode({
  name: 'Task',
  keyOf: ({ taskId }: Task) => taskId,
  isKey: isTaskId,
  load: (session, taskId) => taskById(session, taskId),
});

addEntity(TaskRef, {
  name: 'Task',
  upstream: 'danube',
  keys: [
    {
      field: 'taskId',
      read: (value) => (isTaskId(value) ? value : undefined),
      load: (session, taskId) => taskById(session, taskId),
    },
  ],
});

const TaskStatusRef = builder.enumType('TaskStatus', {
  description: 'How far a task is.',
  values: {
    PENDING: {
      description:
        'Not ended, as far as is known. Danube says so of unknown and long forgotten tasks, too.',
    },
    STARTED: { description: 'Running.' },
    SUCCESS: { description: 'Ended well.' },
    FAILURE: { description: 'Ended with an error: see message and detail.' },
    REVOKED: { description: 'Cancelled, or expired before it could start.' },
  } satisfies Record<TaskStatus, object>,
});

TaskRef.implement({
  description: 'An asynchronous operation of Danube Cloud. Its outcome is kept for an hour.',
  interfaces: [NodeRef],
  fields: (t) => ({
    taskId: t.exposeString('taskId', { description: "Danube's identifier." }),
    status: t.expose('status', {
      type: TaskStatusRef,
      description:
        "How far it is. In a machine's list of running tasks, where Danube tells no more, PENDING.",
    }),
    done: t.boolean({
      description: 'Whether it has ended, well or not.',
      resolve: ({ status }) => status !== 'PENDING' && status !== 'STARTED',
    }),
    known: t.boolean({
      description:
        'False for a task that Danube has never had, or has forgotten: it says PENDING of those, for ever. Costs a call for each datacenter while the task is PENDING.',
      resolve: (task, _args, { session }) => isKnown(session, task),
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What came of it; null while it runs.',
    }),
    detail: t.exposeString('detail', {
      nullable: true,
      description: 'More about an error; null without one.',
    }),
    returnCode: t.exposeInt('returnCode', {
      nullable: true,
      description: '0 when it ended well; null while it runs, or when it never came to run.',
    }),
  }),
});

builder.queryField('task', (t) =>
  t.field({
    type: TaskRef,
    nullable: true,
    description: 'A task as it is now; null for one that ended at once and was not kept.',
    args: { taskId: t.arg.string({ required: true, description: "Danube's identifier." }) },
    resolve: (_root, { taskId }, { session }) => {
      if (!isTaskId(taskId)) {
        throw inputError(['taskId'], 'is not an id of a task');
      }
      return taskById(session, taskId);
    },
  }),
);
