/** Whose request it is: credentials from its headers, each for its own upstream alone. */

import { UpstreamFailure } from '../failure.ts';
import type { DanubeCaller } from '../upstream/danube/connection.ts';
import { WaldurCaller } from '../upstream/waldur/caller.ts';
import type { Fingerprints } from './fingerprints.ts';
import { Recent } from './recent.ts';

/** What is read of a request's headers. */
export type RequestHeaders = Pick<Headers, 'get'>;

/** Whose a request is; absent for a cloud that is not configured. */
export interface Callers {
  readonly waldur: WaldurCaller | undefined;
  readonly danube: DanubeCaller | undefined;
}

/** Who asks a cloud, by a request's headers and the client's address, as the socket tells it. */
type CallerOf<C> = (headers: RequestHeaders, address: string | undefined) => C;

/** The last caller that each credential came with: most come from one address, again and again. */
class LastCallers<C extends { readonly address: string | undefined }> {
  readonly #callers = new Recent<string | null, C>();

  /** @param credential - null for none */
  of(credential: string | null, address: string | undefined, make: () => C): C {
    const last = this.#callers.get(credential);
    if (last !== undefined && last.address === address) {
      return last;
    }
    const made = make();
    this.#callers.set(credential, made);
    return made;
  }
}

/**
 * Who asks Waldur.
 *
 * @param serviceToken - used for requests that bring no credential of their own, and only then
 * @returns finds it out; throws {UpstreamFailure} `forbidden` for an impersonation that Waldur could not be asked for
 */
export function waldurCallers(
  fingerprints: Fingerprints,
  serviceToken: string | undefined,
): CallerOf<WaldurCaller> {
  const last = new LastCallers<WaldurCaller>();
  return (headers, address) => {
    const credential = headers.get('authorization');
    const make = () => waldurCaller(fingerprints, headers, serviceToken, address);
    return headers.get('x-impersonated-user-uuid') === null
      ? last.of(credential, address, make)
      : make();
  };
}

function waldurCaller(
  fingerprints: Fingerprints,
  headers: RequestHeaders,
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
  return new WaldurCaller(
    { authorization, impersonatedUser, address },
    fingerprints.of('waldur', authorization, impersonatedUser, address),
  );
}

/**
 * Who asks Danube Cloud.
 *
 * @param serviceKey - used for requests that bring no credential of their own, and only then
 */
export function danubeCallers(
  fingerprints: Fingerprints,
  serviceKey: string | undefined,
): CallerOf<DanubeCaller> {
  const last = new LastCallers<DanubeCaller>();
  return (headers, address) => {
    const given = headers.get('x-danube-api-key');
    return last.of(given, address, () => {
      const apiKey = given ?? serviceKey;
      return {
        apiKey,
        address,
        fingerprint: fingerprints.of('danube', apiKey, address),
        payer: fingerprints.of('danube', apiKey),
      };
    });
  };
}

/**
 * As whom a request's cost counts: as each credential that it brings, by itself, as nobody has checked
 * them and one that is made up beside another is to gain nothing; as its address where it brings none.
 */
export function payersOf(
  fingerprints: Fingerprints,
  headers: RequestHeaders,
  { waldur, danube }: Callers,
  address: string | undefined,
): readonly string[] {
  const payers: string[] = [];
  if (headers.get('authorization') !== null && waldur?.authorization !== undefined) {
    // Waldur takes the word before it in any case.
    payers.push(fingerprints.of('waldur', waldur.authorization.replace(/^\S+ /, '')));
  }
  if (headers.get('x-danube-api-key') !== null && danube !== undefined) {
    payers.push(danube.payer);
  }
  return payers.length > 0 ? payers : [fingerprints.of('address', address)];
}
