/** `stratograph check`: whether the settings would work, and what to do where they would not. */

import type { Config, InstancesConfig } from '../config.ts';
import type { UpstreamName } from '../failure.ts';
import { findDanube } from '../upstream/danube/finding.ts';
import type { Finding } from '../upstream/http/finding.ts';
import { defaultHttpLimits, openOrigin } from '../upstream/http/send.ts';
import { findWaldur } from '../upstream/waldur/finding.ts';

/** What the settings call a cloud's address, its credential, and what requests bring instead. */
interface Words {
  readonly name: string;
  readonly address: string;
  readonly credential: string;
  readonly header: string;
  /** Where people get a credential. */
  readonly source: string;
  /** What the address has to end before. */
  readonly endpoint: string;
}

const words: Readonly<Record<UpstreamName, Words>> = {
  waldur: {
    name: 'Waldur',
    address: 'WALDUR_URL',
    credential: 'WALDUR_TOKEN',
    header: 'Authorization',
    source: 'in Waldur under the user’s profile, "API token"',
    endpoint: '/api/users/me/',
  },
  danube: {
    name: 'Danube Cloud',
    address: 'DANUBE_URL',
    credential: 'DANUBE_API_KEY',
    header: 'X-Danube-Api-Key',
    source: 'in Danube Cloud under the user’s profile, "API keys"',
    endpoint: '/api/dc/',
  },
};

/** Longer than a person waits, shorter than a deployment does. */
const patienceMs = 10_000;

/** What there is to say of one cloud. */
export interface Verdict {
  readonly isFine: boolean;
  readonly lines: readonly string[];
}

/** Codes of connections that were never made, and what to do about them. */
const silences: Readonly<Record<string, (host: string, word: Words) => readonly string[]>> = {
  ECONNREFUSED: (host, { address }) => [
    `Nothing listens at ${host}.`,
    `Look whether the cloud runs, and whether host and port of ${address} are right.`,
  ],
  ENOTFOUND: (host, { address }) => [
    `There is no host of the name in ${host}.`,
    `Look for a slip in ${address}, and at the name server of this machine.`,
  ],
  EAI_AGAIN: (host) => [`The name server does not answer for ${host}.`, 'Try again in a while.'],
  CERT_HAS_EXPIRED: (host) => [
    `The certificate of ${host} has expired.`,
    'Whoever runs the cloud has to renew it.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: (host, { address }) => [
    `The certificate at ${host} is for another name.`,
    `Use the name in ${address} that the certificate is for.`,
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: (host, { address }) => [
    `${host} does not speak TLS.`,
    `Should ${address} begin with http:// or have another port?`,
  ],
};
const untrusted = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

function silence(code: string, host: string, word: Words): readonly string[] {
  if (untrusted.includes(code)) {
    return [
      `The certificate of ${host} is of an authority that this machine does not know.`,
      'Name its file in NODE_EXTRA_CA_CERTS.',
    ];
  }
  return (
    silences[code]?.(host, word) ?? [
      `No answer came from ${host} (${code}).`,
      'Look at firewalls and network policies between here and there.',
    ]
  );
}

const refusals = {
  invalid: ({ credential, source }: Words) => [
    `${credential} is not known there.`,
    `Copy it anew: it is ${source}.`,
  ],
  expired: ({ credential }: Words) => [
    `${credential} has expired.`,
    'Get a new one from a user whose token lifetime is unlimited, or used often enough.',
  ],
  inactive: ({ credential }: Words) => [
    `The user of ${credential} has been deactivated.`,
    'Use the credential of another user.',
  ],
  'not-granted': ({ credential }: Words) => [
    `The user of ${credential} may not use the API.`,
    'Somebody with the right to manage users there has to allow it.',
  ],
} as const;

function verdictOn(finding: Finding, url: string, word: Words): Verdict {
  const { name, address, credential, header, endpoint } = word;
  switch (finding.kind) {
    case 'accepted':
      return {
        isFine: true,
        lines: [`${finding.product}, as ${finding.caller}.`, ...finding.remarks],
      };
    case 'open':
      return {
        isFine: true,
        lines: [
          `${finding.product} answers.`,
          `No ${credential} is set: requests have to bring their own in ${header}.`,
        ],
      };
    case 'refused':
      return {
        isFine: false,
        lines: [`${finding.product} answers.`, ...refusals[finding.why](word)],
      };
    case 'busy':
      return {
        isFine: false,
        lines: ['It answers that it has been asked too often.', 'Try again in a minute.'],
      };
    case 'gibberish':
      return {
        isFine: false,
        lines: [
          'What answers speaks something else than HTTP, or without end.',
          `Look whether the port in ${address} is another service's.`,
        ],
      };
    case 'foreign':
      if (finding.leadsTo !== undefined) {
        return {
          isFine: false,
          lines: [
            `It leads on to ${finding.leadsTo} (status ${finding.status}), which is not followed.`,
            `If ${name} is there, put that address into ${address}; a login page means that a proxy is in the way.`,
          ],
        };
      }
      return {
        isFine: false,
        lines:
          finding.why === 'path'
            ? [
                `Something answers, but has no ${endpoint} there (status 404).`,
                `If ${name} lies under a path, ${address} has to end with it; without /api.`,
              ]
            : [
                `Something answers that is not ${name} (status ${finding.status}).`,
                `Look whether ${address} leads to a login page, a proxy or another service.`,
              ],
      };
    case 'failing':
      return {
        isFine: false,
        lines: [
          `It answers with errors (status ${finding.status}).`,
          'Look into its own logs, or at the proxy before it.',
        ],
      };
    case 'silent':
      return { isFine: false, lines: silence(finding.code, new URL(url).host, word) };
  }
}

/**
 * Looks at each cloud that is configured, with the credential that is configured for it.
 *
 * Redis, where it is configured, is looked at as well.
 *
 * @returns what there is to say, by cloud; nothing where none is configured
 */
export async function check(config: Config): Promise<ReadonlyMap<string, Verdict>> {
  const limits = { ...defaultHttpLimits, answerTimeoutMs: patienceMs };
  const found = new Map<string, Verdict>();
  const look = async (
    upstream: UpstreamName,
    url: URL,
    find: (origin: ReturnType<typeof openOrigin>) => Promise<Finding>,
  ) => {
    const origin = openOrigin(upstream, url, limits);
    const word = words[upstream];
    found.set(`${word.name} at ${origin.url}`, verdictOn(await find(origin), origin.url, word));
    await origin.close();
  };
  const { waldur, danube } = config;
  if (waldur !== undefined) {
    await look('waldur', waldur.url, (origin) => findWaldur(origin, waldur.token));
  }
  if (danube !== undefined) {
    await look('danube', danube.url, (origin) => findDanube(origin, danube.apiKey));
  }
  if (config.instances !== undefined) {
    // Its address may hold a password.
    found.set('Redis', await verdictOnRedis(config.instances));
  }
  return found;
}

async function verdictOnRedis({ url, timeoutMs }: InstancesConfig): Promise<Verdict> {
  const { askOnce } = await import('../instances/store.ts');
  const fault = await askOnce(url, Math.max(timeoutMs, 1_000));
  return fault === undefined
    ? { isFine: true, lines: ['It answers: instances will act as one.'] }
    : {
        isFine: false,
        lines: [
          `It does not do what is asked of it (${fault}).`,
          'Each instance would go on alone. Look at REDIS_URL, at its password, and at whether it runs.',
        ],
      };
}
