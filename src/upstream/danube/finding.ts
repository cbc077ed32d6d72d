/** Whether a Danube Cloud is where the settings say, and takes the credential that they hold. */

import { detailIn, type Finding, foreign, lookAt } from '../http/finding.ts';
import type { HttpOrigin } from '../http/send.ts';

/**
 * @param apiKey - undefined for a look without one
 *
 * Source: GET /api/dc/ and "HTTP headers" in Danube Cloud's API documentation. All refusals of
 * credentials are 403: there is no 401.
 */
export async function findDanube(origin: HttpOrigin, apiKey: string | undefined): Promise<Finding> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'es-api-key': apiKey };
  const answer = await lookAt(origin, '/api/dc/', headers);
  if ('kind' in answer) {
    return answer;
  }
  const { status } = answer;
  const { es_version: version, es_username: username } = answer.headers;
  if (typeof version !== 'string') {
    return status >= 500 ? { kind: 'failing', status } : foreign(answer);
  }
  const product = `Danube Cloud ${version}`;
  if (status === 200 && typeof username === 'string') {
    return { kind: 'accepted', product, caller: username, remarks: [] };
  }
  if (status === 429) {
    const caller = typeof username === 'string' && username !== '' ? username : 'somebody';
    const remarks = [
      'All of its calls of this minute are used up already, by whoever else has it.',
    ];
    return { kind: 'accepted', product, caller, remarks };
  }
  if (status >= 500) {
    return { kind: 'failing', status };
  }
  return apiKey === undefined
    ? { kind: 'open', product }
    : { kind: 'refused', product, why: whyRefused(detailIn(answer)) };
}

function whyRefused(detail: string): 'invalid' | 'inactive' | 'not-granted' {
  if (detail.startsWith('User inactive')) {
    return 'inactive';
  }
  return detail.includes('not allowed') ? 'not-granted' : 'invalid';
}
