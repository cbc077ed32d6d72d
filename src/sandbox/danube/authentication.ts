/** Whose call it is, and whether it comes too often. Danube refuses with 403, never with 401. */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ReceivedCall } from '../server.ts';
import { type Reply, refuse } from './answers.ts';
import type { DanubeUser, DanubeWorld } from './model.ts';

const tokenLifeMs = 3600 * 1000;
const anonymousCallsPerMinute = 30;

/**
 * The caller; null for an anonymous one.
 *
 * @throws {Refusal} 403
 */
export function authenticate(
  world: DanubeWorld,
  clock: Clock,
  call: ReceivedCall,
): DanubeUser | null {
  const key = call.headers['es-api-key'];
  const header = call.headers.authorization;
  if (key !== undefined) {
    // The key wins where both are sent.
    return admitted(
      world.users.find(({ apiKey }) => apiKey === key),
      'Invalid API key',
    );
  }
  if (header === undefined || !/^token\b/i.test(header)) {
    return null;
  }
  const parts = header.split(/\s+/);
  if (parts.length !== 2) {
    refuse(403, 'Invalid token header. No credentials provided.');
  }
  const user = world.users.find(({ token }) => token?.text === parts[1]);
  if (user?.token && user.token.expiresMs <= clock.now()) {
    return null;
  }
  return admitted(user, 'Invalid token.');
}

function admitted(user: DanubeUser | undefined, otherwise: string): DanubeUser {
  if (user === undefined) {
    return refuse(403, otherwise);
  }
  if (!user.isActive) {
    refuse(403, 'User inactive or deleted.');
  }
  if (!user.hasApiAccess) {
    refuse(403, 'User account is not allowed to access API');
  }
  return user;
}

/** Counts calls in a sliding minute, per user or address. Refused ones do not count. */
export class Throttle {
  readonly #clock: Clock;
  readonly #perUser: number | null;
  readonly #calls = new Map<string, number[]>();

  constructor(clock: Clock, callsPerMinute: number | null) {
    this.#clock = clock;
    this.#perUser = callsPerMinute;
  }

  /** @throws {Refusal} 429 */
  count(user: DanubeUser | null, address: string): void {
    if (this.#perUser === null) {
      return;
    }
    const limit = user === null ? anonymousCallsPerMinute : this.#perUser;
    const key = user === null ? `address ${address}` : `user ${user.id}`;
    const nowMs = this.#clock.now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > nowMs - 60_000);
    this.#calls.set(key, recent);
    const [oldest] = recent;
    if (recent.length >= limit && oldest !== undefined) {
      const seconds = Math.max(1, Math.ceil((oldest + 60_000 - nowMs) / 1000));
      const unit = seconds === 1 ? 'second' : 'seconds';
      refuse(429, `Request was throttled. Expected available in ${seconds}.0 ${unit}.`, {
        'retry-after': String(seconds),
      });
    }
    recent.push(nowMs);
  }
}

/** A token in exchange for a password; the user's earlier one is void from then on. */
export function login(world: DanubeWorld, clock: Clock, call: ReceivedCall): Reply {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(call.body === '' ? '{}' : call.body) as Record<string, unknown>;
  } catch {
    return refuse(400, 'JSON parse error - No JSON object could be decoded');
  }
  const missing = ['username', 'password'].filter((field) => typeof given[field] !== 'string');
  if (missing.length > 0) {
    const issues = missing.map((field) => [field, ['This field is required.']]);
    return { status: 400, body: { detail: Object.fromEntries(issues) } };
  }
  const user = world.users.find(({ username }) => username === given.username);
  if (user === undefined || user.password !== given.password) {
    return refuse(400, 'Unable to log in with provided credentials.');
  }
  if (!user.isActive) {
    refuse(400, 'User account is disabled.');
  }
  const expiresMs = clock.now() + tokenLifeMs;
  user.token = { text: randomBytes(20).toString('hex'), expiresMs };
  return {
    status: 200,
    body: {
      token: user.token.text,
      expires: new Date(expiresMs).toISOString(),
      detail: 'Welcome to Danube Cloud API.',
    },
  };
}
