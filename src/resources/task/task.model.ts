export type TaskStatus = 'PENDING' | 'STARTED' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

/** An asynchronous operation of Danube Cloud. */
export interface Task {
  readonly __typename: 'Task';
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly message: string | null;
  readonly detail: string | null;
  readonly returnCode: number | null;
}
