/** One caller's way to one Waldur. */

import { type FailureKind, UpstreamFailure } from '../../failure.ts';
import { isObject } from '../../rows/readings.ts';
import type { Raw } from '../../rows/row.ts';
import type { Answered, Asker } from '../http/asker.ts';
import { encoded } from '../http/encoded.ts';
import { parseJson } from '../http/json.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { type HttpAnswer, type HttpRequest, isWrite } from '../http/send.ts';
import type { Upstream } from '../http/upstream.ts';
import { collectionPath, filterIn, listKey, onlyUuid, type Query, toSearch } from './address.ts';
import { allowedStatesIn, type FieldNames, inOurWords, issuesIn } from './error-body.ts';
import type { SeenSizes, Sizes } from './knowledge.ts';
import { isAnswered, isJson, kindOf, kindOfWrite, refusals } from './statuses.ts';

export interface WaldurCaller {
  /** The value of `Authorization`, e.g. `Token 5f…`; absent for an anonymous caller. */
  readonly authorization: string | undefined;
  /** Set apart from every other caller, and never a secret. */
  readonly fingerprint: string;
  /** A user whose rights to act with, by uuid; Waldur grants that to staff alone. */
  readonly impersonatedUser: string | undefined;
  /** For `X-Forwarded-For`: Waldur hides organizations from addresses outside their networks. */
  readonly address: string | undefined;
}

/** A change, as Waldur is asked for it. */
export interface WaldurWrite {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path segments after `/api/`, e.g. `['openstack-security-groups', uuid, 'pull']`. */
  readonly path: readonly string[];
  /** Sent as JSON; no body when absent. Whole numbers of 64 bits come as `wholeNumber` makes them. */
  readonly body?: unknown;
  /** What the input that it is made of calls the body's fields. */
  readonly names: FieldNames;
}

interface WaldurPage {
  readonly rows: readonly Raw[];
  /** Rows of all pages, as the answer's `X-Result-Count` tells. */
  readonly total: number;
}

/** Bytes of a request line; gunicorn, before Waldur, takes 4,094. */
const maxRequestLine = 4_000;

/** Waldur clamps larger pages to this without a word. */
export const maxPageSize = 300;

export class WaldurConnection {
  readonly #upstream: Upstream;
  readonly #caller: WaldurCaller;
  readonly #asker: Asker;
  readonly #seen: SeenSizes;

  constructor(
    upstream: Upstream,
    sizes: Sizes,
    caller: WaldurCaller,
    asking: Pick<Asker, 'signal' | 'observer' | 'isPatient' | 'leftMs'>,
  ) {
    this.#upstream = upstream;
    this.#caller = caller;
    this.#asker = { ...asking, fingerprint: caller.fingerprint };
    this.#seen = sizes.of(caller.fingerprint, Date.now());
  }

  /** The client's own, as the gateway sees it; undefined when it is not known. */
  get clientAddress(): string | undefined {
    return this.#caller.address;
  }

  /** From here on no reading is answered by one that was sent before. */
  endSharing(): void {
    this.#upstream.endSharing(this.#caller.fingerprint);
  }

  /** Rows that a list had when this caller last saw it; undefined when that was never, or long ago. */
  seenTotal(collection: string, filter: Query): number | undefined {
    return this.#seen.total(listKey(collection, filter), Date.now());
  }

  /**
   * How many uuids, comma-joined into one parameter, the request line of a list can hold.
   *
   * @param query - whatever else is in it
   * @param fields - those to ask for
   */
  uuidsPerLine(collection: string, query: Query, fields: ReadonlySet<string>): number {
    const paging = '&page=1000&page_size=300&service_settings_uuid='.length;
    const path = collectionPath(collection, query, fields);
    const left = maxRequestLine - this.#lineLength(path) - paging;
    return Math.max(0, Math.floor(left / (32 + ','.length)));
  }

  #lineLength(path: string): number {
    return `GET  HTTP/1.1`.length + this.#upstream.basePath.length + path.length;
  }

  /**
   * One page of a collection.
   *
   * @param collection - e.g. `projects`
   * @param query - filter and order
   * @param fields - those to ask for
   * @param page - from 1 on
   * @returns null when the page is past the end, which rows vanishing between two pages can cause
   * @throws {UpstreamFailure}
   */
  async list(
    collection: string,
    query: Query,
    fields: ReadonlySet<string>,
    page: number,
    pageSize: number,
  ): Promise<WaldurPage | null> {
    const which = page === 1 ? '' : `page=${page}&`;
    const asked = collectionPath(collection, query, fields);
    const path = `${asked}${asked.endsWith('/') ? '?' : '&'}${which}page_size=${pageSize}`;
    const { answer, countRows } = await this.#exchange('GET', path);
    if (answer.status === 404) {
      if (page > 1 && isJson(answer)) {
        return null;
      }
      throw this.#failure(path, answer, 'malformed', 'status 404');
    }
    const rows = this.#parsed(path, answer);
    if (!Array.isArray(rows) || !rows.every(isObject)) {
      throw this.#failure(path, answer, 'malformed', 'expected a list of objects');
    }
    const total = this.#resultCount(path, answer);
    countRows(rows.length);
    this.#note(collection, query, total);
    return { rows, total };
  }

  /**
   * How many rows a collection has.
   *
   * @throws {UpstreamFailure}
   */
  async count(collection: string, query: Query): Promise<number> {
    const path = collectionPath(collection, [...filterIn(query), ['page_size', '1']], onlyUuid);
    const { answer } = await this.#exchange('HEAD', path);
    const total = this.#resultCount(path, answer);
    this.#note(collection, query, total);
    return total;
  }

  #note(collection: string, query: Query, total: number): void {
    const filter = filterIn(query);
    if (filter.length <= 1) {
      this.#seen.note(listKey(collection, filter), total, Date.now());
    }
  }

  /**
   * One object.
   *
   * @param uuid - goes into the path, encoded
   * @param query - what it has to pass to be found
   * @param fields - those to ask for
   * @throws {UpstreamFailure} `not-found` also when the caller may not see it
   */
  async detail(
    collection: string,
    uuid: string,
    query: Query,
    fields: ReadonlySet<string>,
  ): Promise<Raw> {
    const path = `/api/${collection}/${encoded(uuid)}/${toSearch(query, fields)}`;
    const { answer, countRows } = await this.#exchange('GET', path);
    if (answer.status === 404) {
      // HTML comes from whatever stands in Waldur's place: it says nothing about the object.
      const kind = isJson(answer) ? 'not-found' : 'malformed';
      throw this.#failure(path, answer, kind, 'status 404');
    }
    const row = this.#parsed(path, answer);
    if (!isObject(row)) {
      throw this.#failure(path, answer, 'malformed', 'expected an object');
    }
    countRows(1);
    return row;
  }

  /** The hyperlink to an object, on the configured origin; Waldur's bodies take no bare uuids. */
  hyperlink(collection: string, uuid: string): string {
    return `${this.#upstream.url}/api/${collection}/${encoded(uuid)}/`;
  }

  /**
   * Sends a change, once. The caller's leaving does not stop it.
   *
   * @returns the answer's JSON; undefined when it has no body
   * @throws {UpstreamFailure} `outcome-unknown` when it was sent and no answer tells what came of it;
   *   `invalid` with paths into the input that it was made of
   */
  async write({ method, path: segments, body, names }: WaldurWrite): Promise<unknown> {
    if (this.#caller.impersonatedUser !== undefined) {
      // Waldur would carry it out with the caller's own rights, and tell only then.
      await this.detail('users', 'me', [], onlyUuid);
    }
    const path = `/api/${segments.map(encoded).join('/')}/`;
    const { answer } = await this.#exchange(method, path, { body, names });
    return answer.text === '' ? undefined : this.#parsed(path, answer, 'outcome-unknown');
  }

  async #exchange(
    method: HttpRequest['method'],
    path: string,
    { body, names }: Partial<Pick<WaldurWrite, 'body' | 'names'>> = {},
  ): Promise<Answered> {
    const { authorization, address, impersonatedUser } = this.#caller;
    const length = this.#lineLength(path);
    if (length > maxRequestLine) {
      throw new UpstreamFailure(`a request line of ${length} bytes`, {
        kind: 'invalid',
        upstream: 'waldur',
        issues: [{ path: [], message: `It is too long by ${length - maxRequestLine} bytes.` }],
      });
    }
    if (authorization === undefined) {
      throw new UpstreamFailure('no Waldur credential', {
        kind: 'unauthenticated',
        upstream: 'waldur',
      });
    }
    const answered = await this.#upstream.ask(
      {
        method,
        path,
        headers: {
          accept: 'application/json',
          // Error texts are translated otherwise.
          'accept-language': 'en',
          authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(address === undefined ? {} : { 'x-forwarded-for': address }),
          ...(impersonatedUser === undefined
            ? {}
            : { 'x-impersonated-user-uuid': impersonatedUser }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      this.#asker,
    );
    const { answer } = answered;
    if (!isAnswered(method, answer.status)) {
      const kind = isWrite(method) ? kindOfWrite(answer) : kindOf(answer.status);
      throw this.#failure(`${method} ${path}`, answer, kind, `status ${answer.status}`, { names });
    }
    if (impersonatedUser !== undefined && answer.headers['x-impersonator-uuid'] === undefined) {
      // Waldur drops what it will not grant without a word, and acts with the caller's own rights.
      const kind = isWrite(method) ? 'outcome-unknown' : 'forbidden';
      throw this.#failure(path, answer, kind, 'impersonation was not granted');
    }
    return answered;
  }

  #parsed(path: string, answer: HttpAnswer, kind: FailureKind = 'malformed'): unknown {
    try {
      return parseJson(answer.text);
    } catch (cause) {
      throw this.#failure(path, answer, kind, 'not JSON', { cause });
    }
  }

  #resultCount(path: string, answer: HttpAnswer): number {
    const header = answer.headers['x-result-count'];
    if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) {
      throw this.#failure(path, answer, 'malformed', 'no X-Result-Count');
    }
    return Number(header);
  }

  #failure(
    path: string,
    answer: HttpAnswer,
    kind: FailureKind,
    reason: string,
    { cause, names }: { cause?: unknown; names?: FieldNames | undefined } = {},
  ): UpstreamFailure {
    const said = refusals.has(kind) ? issuesIn(answer.text) : [];
    const issues = names === undefined ? said : inOurWords(said, names);
    return new UpstreamFailure(`${path.split('?', 1)[0]}: ${reason}`, {
      kind,
      upstream: 'waldur',
      issues,
      allowedStates: kind === 'conflict' ? allowedStatesIn(issues) : [],
      retryAfterMs:
        kind === 'rate-limited'
          ? retryAfterMs(answer.headers['retry-after'], Date.now())
          : undefined,
      cause,
    });
  }
}
