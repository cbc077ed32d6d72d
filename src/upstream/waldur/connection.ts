/** One caller's way to one Waldur. */

import { isObject } from '../../rows/readings.ts';
import type { Raw } from '../../rows/row.ts';
import type { Asker } from '../http/asker.ts';
import { encoded } from '../http/encoded.ts';
import type { Upstream } from '../http/upstream.ts';
import { collectionPath, filterIn, listKey, onlyUuid, type Query, toSearch } from './address.ts';
import type { WaldurCaller } from './caller.ts';
import type { FieldNames } from './error-body.ts';
import { Exchanges, failure, parsed, resultCount } from './exchanges.ts';
import { type Followed, follow } from './following.ts';
import type { SeenSizes, Sizes } from './knowledge.ts';
import { Recording, type Script } from './script.ts';
import { isJson } from './statuses.ts';

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

/** Waldur clamps larger pages to this without a word. */
export const maxPageSize = 300;

export class WaldurConnection {
  readonly #exchanges: Exchanges;
  readonly #seen: SeenSizes;

  constructor(
    upstream: Upstream,
    sizes: Sizes,
    caller: WaldurCaller,
    asking: Pick<Asker, 'signal' | 'observer' | 'isPatient' | 'leftMs'>,
  ) {
    this.#exchanges = new Exchanges(upstream, caller, asking);
    this.#seen = sizes.of(caller.fingerprint, Date.now());
  }

  /** The client's own, as the gateway sees it; undefined when it is not known. */
  get clientAddress(): string | undefined {
    this.#exchanges.recording?.spoil();
    return this.#exchanges.caller.address;
  }

  /** From here on no reading is answered by one that was sent before. */
  endSharing(): void {
    this.#exchanges.endSharing();
  }

  /** Rows that a list had when this caller last saw it; undefined when that was never, or long ago. */
  seenTotal(collection: string, filter: Query): number | undefined {
    const list = listKey(collection, filter);
    const total = this.#seen.total(list, Date.now());
    this.#exchanges.recording?.noteKnown(list, total);
    return total;
  }

  /** Has all noted that is asked from now on, and what is made of it beside the answers. */
  record(): Recording {
    const recording = new Recording();
    this.#exchanges.recording = recording;
    return recording;
  }

  /**
   * Asks what a former execution has asked, while it is answered the same.
   *
   * @param scripts - those that it may be, whoever's they were
   * @returns what was asked for it is not asked again by whoever asks next
   */
  follow<S extends Script>(scripts: readonly S[]): Promise<Followed<S>> {
    const nowMs = Date.now();
    return follow(scripts, this.#exchanges.ahead, {
      total: (list) => this.#seen.total(list, nowMs),
      note: (list, total) => this.#seen.note(list, total, nowMs),
    });
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
    const left = this.#exchanges.roomBeside(path) - paging;
    return Math.max(0, Math.floor(left / (32 + ','.length)));
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
    const { answer, countRows } = await this.#exchanges.ask('GET', path);
    if (answer.status === 404) {
      if (page > 1 && isJson(answer)) {
        return null;
      }
      throw failure(path, answer, 'malformed', 'status 404');
    }
    const rows = parsed(path, answer);
    if (!Array.isArray(rows) || !rows.every(isObject)) {
      throw failure(path, answer, 'malformed', 'expected a list of objects');
    }
    const total = resultCount(path, answer);
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
    const { answer } = await this.#exchanges.ask('HEAD', path);
    const total = resultCount(path, answer);
    this.#note(collection, query, total);
    return total;
  }

  #note(collection: string, query: Query, total: number): void {
    const filter = filterIn(query);
    if (filter.length <= 1) {
      const list = listKey(collection, filter);
      this.#seen.note(list, total, Date.now());
      this.#exchanges.recording?.told.set(list, total);
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
    const { answer, countRows } = await this.#exchanges.ask('GET', path);
    if (answer.status === 404) {
      // HTML comes from whatever stands in Waldur's place: it says nothing about the object.
      const kind = isJson(answer) ? 'not-found' : 'malformed';
      throw failure(path, answer, kind, 'status 404');
    }
    const row = parsed(path, answer);
    if (!isObject(row)) {
      throw failure(path, answer, 'malformed', 'expected an object');
    }
    countRows(1);
    return row;
  }

  /** The hyperlink to an object, on the configured origin; Waldur's bodies take no bare uuids. */
  hyperlink(collection: string, uuid: string): string {
    return `${this.#exchanges.url}/api/${collection}/${encoded(uuid)}/`;
  }

  /**
   * Sends a change, once. The caller's leaving does not stop it.
   *
   * @returns the answer's JSON; undefined when it has no body
   * @throws {UpstreamFailure} `outcome-unknown` when it was sent and no answer tells what came of it;
   *   `invalid` with paths into the input that it was made of
   */
  async write({ method, path: segments, body, names }: WaldurWrite): Promise<unknown> {
    if (this.#exchanges.caller.impersonatedUser !== undefined) {
      // Waldur would carry it out with the caller's own rights, and tell only then.
      await this.detail('users', 'me', [], onlyUuid);
    }
    const path = `/api/${segments.map(encoded).join('/')}/`;
    const { answer } = await this.#exchanges.ask(method, path, { body, names });
    return answer.text === '' ? undefined : parsed(path, answer, 'outcome-unknown');
  }
}
