/** Whether a Waldur is where the settings say, and takes the credential that they hold. */

import { detailIn, type Finding, foreign, jsonIn, lookAt } from '../http/finding.ts';
import type { HttpOrigin } from '../http/send.ts';

const asked = ['uuid', 'username', 'is_staff', 'is_support', 'token_expires_at', 'permissions'];

/**
 * @param token - undefined for a look without one
 *
 * Source: GET /api/users/me/ in Waldur's API documentation; what is refused, and how, in its
 * authentication classes.
 */
export async function findWaldur(origin: HttpOrigin, token: string | undefined): Promise<Finding> {
  const path = `/api/users/me/?${asked.map((field) => `field=${field}`).join('&')}`;
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Token ${token}` };
  const answer = await lookAt(origin, path, headers);
  if ('kind' in answer) {
    return answer;
  }
  const { status } = answer;
  const detail = detailIn(answer);
  if (status === 401 && detail !== '') {
    return token === undefined
      ? // Others refuse in the same words: nothing else can be seen without a token.
        { kind: 'open', product: 'Waldur, or something that refuses like it,' }
      : { kind: 'refused', product: 'Waldur', why: whyRefused(detail) };
  }
  if (status === 403 && detail !== '' && token !== undefined) {
    return { kind: 'refused', product: 'Waldur', why: 'not-granted' };
  }
  if (status === 429) {
    return { kind: 'busy' };
  }
  if (status >= 500) {
    return { kind: 'failing', status };
  }
  const user = status === 200 ? jsonIn(answer) : undefined;
  return isUser(user) ? accepted(user) : foreign(answer);
}

interface WaldurUser {
  readonly uuid: string;
  readonly username: string;
  readonly is_staff?: boolean;
  readonly is_support?: boolean;
  readonly token_expires_at?: string | null;
  readonly permissions?: readonly unknown[];
}

function isUser(given: unknown): given is WaldurUser {
  const { uuid, username } = (given ?? {}) as Partial<Record<string, unknown>>;
  return typeof uuid === 'string' && typeof username === 'string';
}

function accepted(user: WaldurUser): Finding {
  const { username, is_staff: isStaff, is_support: isSupport, permissions = [] } = user;
  const rights = isStaff
    ? 'staff'
    : `${isSupport ? 'support, ' : ''}${permissions.length} ${permissions.length === 1 ? 'role' : 'roles'}`;
  const expiry = user.token_expires_at;
  return {
    kind: 'accepted',
    // Users have this key in the newer one alone.
    product: `Waldur, like ${'token_expires_at' in user ? '8.1' : '7.6'}`,
    caller: `${username} (${rights})`,
    remarks: [
      ...(isStaff
        ? [
            'Requests without a credential of their own will see and change whatever staff may: leave WALDUR_TOKEN out unless that is meant.',
          ]
        : []),
      ...(typeof expiry === 'string'
        ? [`The token expires at ${expiry}; each use puts that off.`]
        : []),
    ],
  };
}

function whyRefused(detail: string): 'invalid' | 'expired' | 'inactive' {
  if (detail === 'Token has expired.') {
    return 'expired';
  }
  return detail.startsWith('User inactive') ? 'inactive' : 'invalid';
}
