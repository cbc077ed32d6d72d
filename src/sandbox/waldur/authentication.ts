/** Whose call it is: Waldur's tokens, and staff acting as somebody else. */

import type { ReceivedCall } from '../server.ts';
import { detail, refuse } from './answers.ts';
import type { User, WaldurWorld } from './model.ts';
import type { Profile } from './serializers.ts';

export interface Authenticated {
  readonly user: User;
  /** Headers that every answer to this call has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws {Refusal} 401; 403 for impersonating a user without a token */
export function authenticate(
  world: WaldurWorld,
  profile: Profile,
  call: ReceivedCall,
): Authenticated {
  const user = userOf(world, profile, call.headers.authorization);
  const wanted = call.headers['x-impersonated-user-uuid']?.replaceAll('-', '').toLowerCase();
  const other = world.users.find(({ uuid }) => uuid === wanted);
  // A uuid that nobody has is dropped without a word, and the call goes on with staff's rights.
  if (!user.isStaff || other === undefined) {
    return { user, headers: {} };
  }
  if (other.token === '') {
    refuse(detail(403, 'You do not have permission to perform this action.'));
  }
  return { user: other, headers: { 'x-impersonator-uuid': user.uuid } };
}

function userOf(world: WaldurWorld, profile: Profile, header: string | undefined): User {
  const [scheme = '', ...rest] = (header ?? '').trim().split(/\s+/);
  const isBearer = /^bearer$/i.test(scheme) && profile === '8.1';
  if (!/^token$/i.test(scheme) && !isBearer) {
    return unauthorized('Authentication credentials were not provided.');
  }
  if (rest.length === 0) {
    return unauthorized('Invalid token. No credentials provided.');
  }
  if (rest.length > 1) {
    return unauthorized('Invalid token. Token string should not contain spaces.');
  }
  const [token = ''] = rest;
  // A personal access token of the sandbox is a user's own, dressed up: w_<expiry>_<token>.
  const bare = isBearer ? (/^w_\d+_([0-9a-f]{40})$/.exec(token)?.[1] ?? '') : token;
  const user = world.users.find(({ token: known }) => known !== '' && known === bare);
  if (user === undefined) {
    return unauthorized(isBearer ? 'Invalid JWT token.' : 'Invalid token.');
  }
  if (!user.isActive) {
    return unauthorized('User inactive or deleted.');
  }
  return user.tokenExpired ? unauthorized('Token has expired.') : user;
}

function unauthorized(text: string): never {
  return refuse(detail(401, text, { 'www-authenticate': 'Token' }));
}
