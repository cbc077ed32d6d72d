/** Whose request it is: credentials from its headers, each for its own upstream alone. */

import { createHmac, randomBytes } from 'node:crypto';
import { UpstreamFailure } from '../failure.ts';
import type { DanubeCaller } from '../upstream/danube/connection.ts';
import type { WaldurCaller } from '../upstream/waldur/connection.ts';

/** New with each process, so that fingerprints in logs cannot be tried against known credentials. */
const fingerprintKey = randomBytes(32);

/** Those of callers who come again and again, by what they are made of; begun anew when full. */
const known = new Map<string, string>();
const mostKnown = 10_000;

/** 16 characters that tell callers apart and from which no credential can be read. */
function fingerprintOf(...parts: readonly (string | undefined)[]): string {
  // Lengths keep one part from passing for two.
  let text = '';
  for (const part of parts) {
    text += part === undefined ? '-' : `${part.length}:${part}`;
  }
  const before = known.get(text);
  if (before !== undefined) {
    return before;
  }
  const made = createHmac('sha256', fingerprintKey).update(text).digest('base64url').slice(0, 16);
  if (known.size >= mostKnown) {
    known.clear();
  }
  known.set(text, made);
  return made;
}

/**
 * Who asks Waldur.
 *
 * @param serviceToken - used for requests that bring no credential of their own, and only then
 * @param address - the client's, as the socket tells
 * @throws {UpstreamFailure} `forbidden` for an impersonation that Waldur could not be asked for
 */
export function waldurCaller(
  headers: Headers,
  serviceToken: string | undefined,
  address: string | undefined,
): WaldurCaller {
  const given = headers.get('authorization');
  const authorization =
    given === null
      ? serviceToken && `Token ${serviceToken}`
      : /^(Token|Bearer) [\x21-\x7e]+$/i.test(given)
        ? given
        : undefined;
  const impersonatedUser = headers.get('x-impersonated-user-uuid') ?? undefined;
  if (impersonatedUser !== undefined) {
    const isUuid = /^[0-9a-f]{32}$/i.test(impersonatedUser.replaceAll('-', ''));
    if (given === null || !isUuid) {
      throw new UpstreamFailure('impersonation needs a uuid and a credential of the caller', {
        kind: 'forbidden',
        upstream: 'waldur',
      });
    }
  }
  return {
    authorization,
    impersonatedUser,
    address,
    fingerprint: fingerprintOf('waldur', authorization, impersonatedUser, address),
  };
}

/**
 * Who asks Danube Cloud.
 *
 * @param serviceKey - used for requests that bring no credential of their own, and only then
 * @param address - the client's, as the socket tells
 */
export function danubeCaller(
  headers: Headers,
  serviceKey: string | undefined,
  address: string | undefined,
): DanubeCaller {
  const given = headers.get('x-danube-api-key');
  const apiKey = given ?? serviceKey;
  return {
    apiKey,
    address,
    fingerprint: fingerprintOf('danube', apiKey, address),
    payer: fingerprintOf('danube', apiKey),
  };
}
