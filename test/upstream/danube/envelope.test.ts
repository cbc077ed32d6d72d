/** Danube's answers: an envelope decides by its own status, everything else by HTTP's. */

import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/upstream/danube/envelope.ts';

describe('readAnswer', () => {
  it.each([
    [200, 'SUCCESS'],
    [201, 'SUCCESS'],
    [201, 'PENDING'],
    [201, 'STARTED'],
    [400, 'FAILURE'],
    [410, 'REVOKED'],
  ])('reads an envelope that comes with %i as %s', (status, name) => {
    const body = { task_id: '1e1d1-a', status: name, result: null };
    expect(readAnswer(status, body)).toEqual({ taskId: '1e1d1-a', status: name, result: null });
  });

  it.each([
    [403, 'Authentication credentials were not provided.', 'unauthenticated'],
    [403, 'Invalid API key', 'unauthenticated'],
    [403, 'Invalid token.', 'unauthenticated'],
    [403, 'User account is not allowed to access API', 'unauthenticated'],
    [403, 'Permission denied', 'forbidden'],
    [403, 'You do not have permission to perform this action.', 'forbidden'],
    [404, 'VM not found', 'not-found'],
    [409, 'VM has pending tasks', 'conflict'],
    [423, 'VM is not stopped', 'conflict'],
    [412, 'Invalid order_by', 'precondition'],
    [417, 'Are you sure?', 'precondition'],
    [424, 'Cannot import required image', 'precondition'],
    [428, 'VM has no bootable disk', 'precondition'],
    [429, 'Request was throttled.', 'rate-limited'],
    [503, 'System update in progress', 'unavailable'],
    [500, 'Server Error', 'malformed'],
    [302, 'Moved', 'malformed'],
  ])('reads %i with "%s" as %s', (status, detail, kind) => {
    expect(readAnswer(status, { detail })).toBe(kind);
  });

  it.each([[null], [[]], ['text'], [{ status: 'SUCCESS' }], [{ task_id: '1', status: 'ODD' }]])(
    'takes %j for no answer',
    (body) => {
      expect(readAnswer(200, body)).toBe('malformed');
    },
  );
});
