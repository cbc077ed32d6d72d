/** Telling somebody else that a task has ended: `cb_url` and `cb_method` in the body that began it. */

import { createHash, randomBytes } from 'node:crypto';
import type { ReceivedCall } from '../../server.ts';
import type { Task } from '../model.ts';
import { bodyOf } from './body.ts';

const methods = ['POST', 'GET', 'PUT', 'DELETE'];
/** A sandbox calls nobody but whoever runs it. */
const ownHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** Sends the task's status, signed; what cannot be called is left alone, as Danube does. */
export function callBack(call: ReceivedCall, { id, status, result, user }: Task): void {
  const { cb_url: given, cb_method: wanted } = bodyOf(call);
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.protocol !== 'http:' || !ownHosts.includes(url.hostname)) {
    return;
  }
  const method = methods.find((one) => one === wanted) ?? 'POST';
  const token = randomBytes(16).toString('hex');
  const signature = createHash('md5')
    .update(token + user.callbackKey)
    .digest('hex');
  const told = { task_id: id, status, result };
  const message = { ...told, random_token: token, security_token: signature };
  const headers = { 'content-type': 'application/json', 'user-agent': 'DanubeCloud/4.6' };
  const sent =
    method === 'GET'
      ? fetch(`${url}?${new URLSearchParams({ task_id: id, status })}`, { headers })
      : fetch(url, { method, headers, body: JSON.stringify(message) });
  sent.catch(() => undefined);
}
