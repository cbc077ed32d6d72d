/** Who asks Waldur. */

/** Of which each part can make an answer another. */
interface Identity {
  /** The value of `Authorization`, e.g. `Token 5f…`; absent for an anonymous caller. */
  readonly authorization: string | undefined;
  /** A user whose rights to act with, by uuid; Waldur grants that to staff alone. */
  readonly impersonatedUser: string | undefined;
  /** For `X-Forwarded-For`: Waldur hides organizations from addresses outside their networks. */
  readonly address: string | undefined;
}

export class WaldurCaller implements Identity {
  readonly authorization: string | undefined;
  readonly impersonatedUser: string | undefined;
  readonly address: string | undefined;
  /** Set apart from every other caller, and never a secret. */
  readonly fingerprint: string;
  /** Of each call; absent for an anonymous caller, who can make none. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor({ authorization, impersonatedUser, address }: Identity, fingerprint: string) {
    this.authorization = authorization;
    this.impersonatedUser = impersonatedUser;
    this.address = address;
    this.fingerprint = fingerprint;
    this.headers =
      authorization === undefined
        ? undefined
        : {
            accept: 'application/json',
            // Error texts are translated otherwise.
            'accept-language': 'en',
            authorization,
            ...(address === undefined ? {} : { 'x-forwarded-for': address }),
            ...(impersonatedUser === undefined
              ? {}
              : { 'x-impersonated-user-uuid': impersonatedUser }),
          };
  }
}
