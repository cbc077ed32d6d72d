/** How properties are read from upstream JSON, and what an upstream may never send. */

import { UpstreamFailure, type UpstreamName } from '../failure.ts';
import { type Noun, type Origin, type Raw, type Reading, Row, type View } from './row.ts';

/** The readings of one upstream, which names it in their failures. */
export function readingsOf(upstream: UpstreamName) {
  const wrong = (field: string, expected: string) =>
    new UpstreamFailure(`${field}: expected ${expected}`, { kind: 'malformed', upstream });

  const value =
    <V>(expected: string, accept: (value: unknown) => V | undefined) =>
    (field: string): Reading<V> => ({
      fields: [field],
      read: (raw) => {
        const found = accept(raw[field]);
        if (found === undefined) {
          throw wrong(field, expected);
        }
        return found;
      },
    });

  const orNull =
    <V>(expected: string, accept: (value: unknown) => V | undefined, isAbsent = isNullish) =>
    (field: string): Reading<V | null> => ({
      fields: [field],
      read: (raw) => {
        const given = raw[field];
        if (isAbsent(given)) {
          return null;
        }
        const found = accept(given);
        if (found === undefined) {
          throw wrong(field, expected);
        }
        return found;
      },
    });

  return {
    wrong,
    value,
    orNull,
    /** Never null. */
    text: value('text', asText),
    textOrNull: orNull('text or null', asText),
    /** Text that the upstream leaves empty where there is none. */
    textUnlessEmpty: orNull('text', asText, isBlank),
    /** Any 32- or 36-digit form, as it came. */
    uuid: value('a uuid', asUuid),
    uuidOrNull: orNull('a uuid or null', asUuid, isBlank),
    flag: value('true or false', asFlag),
    flagOrNull: orNull('true, false or null', asFlag),
    /** Of up to 32 bits, as GraphQL's Int. */
    integer: value('a whole number of 32 bits', asInt32),
    /** A whole number of up to 64 bits: text where a double would lose digits. */
    bigInteger: value('a whole number', asBigInteger),
    /** Decimal text, or a number. */
    decimal: value('a decimal number', asDecimal),
    /** An RFC 3339 instant, printed in UTC with a Z. */
    instant: value('an instant', asInstant),
    instantOrNull: orNull('an instant or null', asInstant),
    json: orNull<NonNullable<unknown>>('anything', (given) => given ?? undefined),
    texts: value('a list of texts', asTexts),

    /** What lies in the same raw object, e.g. service settings; `as` is the property's name. */
    part: <M extends object>(as: string, view: View): Reading<Row<M>> => ({
      fields: [],
      view,
      read: (raw, row) => new Row<M>(null, view, raw, row.origin, { whole: row, as }),
    }),
    /** The same, null while `presence` holds nothing. */
    partUnlessEmpty: <M extends object>(
      as: string,
      presence: string,
      view: View,
    ): Reading<Row<M> | null> => ({
      fields: [presence],
      view,
      read: (raw, row) =>
        isBlank(raw[presence]) ? null : new Row<M>(null, view, raw, row.origin, { whole: row, as }),
    }),
    /** A list of embedded objects, each of which is all there is of it. */
    parts: <M extends object>(field: string, view: View): Reading<Row<M>[]> => ({
      fields: [field],
      partView: view,
      read: (raw, row) => {
        const given = raw[field];
        if (!Array.isArray(given) || !given.every(isObject)) {
          throw wrong(field, 'a list of objects');
        }
        const origin = { ...row.origin, fields: null };
        return given.map((part) => new Row<M>(null, view, part, origin));
      },
    }),
    /**
     * Another noun's row, of which this one's raw object holds `view`.
     *
     * @param hints - fields that help to plan how to load the rest, e.g. its owner's
     */
    link: <M extends object>(
      noun: Noun,
      view: View,
      hints: readonly string[] = [],
    ): Reading<Row<M>> => ({
      fields: view.uuid?.fields ?? [],
      view,
      hints,
      leadsTo: () => noun,
      read: (raw, row) => linked<M>(noun, view, raw, row.origin),
    }),
    /**
     * The same, null while its uuid is.
     *
     * @param noun - a function where the noun is the very one that is being defined
     */
    linkUnlessEmpty: <M extends object>(
      noun: Noun | (() => Noun),
      view: View,
      hints: readonly string[] = [],
    ): Reading<Row<M> | null> => {
      const fields = view.uuid?.fields ?? [];
      const leadsTo = typeof noun === 'function' ? noun : () => noun;
      return {
        fields,
        view,
        hints,
        leadsTo,
        read: (raw, row) =>
          fields.every((field) => isBlank(raw[field]))
            ? null
            : linked<M>(leadsTo(), view, raw, row.origin),
      };
    },
  };
}

/** The row of another noun that lies in a row's raw object: one for all that lead to the same. */
function linked<M extends object>(noun: Noun, view: View, raw: Raw, origin: Origin): Row<M> {
  const field = view.uuid?.fields[0];
  if (field === undefined || origin.links === undefined) {
    return new Row<M>(noun, view, raw, origin);
  }
  const rows = origin.links.of(view);
  const known = rows.get(raw[field]);
  if (known !== undefined) {
    return known as Row<M>;
  }
  const row = new Row<M>(noun, view, raw, origin);
  rows.set(raw[field], row);
  return row;
}

function isNullish(given: unknown): boolean {
  return given === null || given === undefined;
}

function isBlank(given: unknown): boolean {
  return given === null || given === undefined || given === '';
}

/** Whether it can be a row's raw object. */
export function isObject(given: unknown): given is Raw {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function asText(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}

// A pattern within a function is made each time.
const digits = /^[0-9a-f]+$/i;
const digitsAndDashes = /^[0-9a-f-]{36}$/i;

/** It goes into addresses: whatever else it was could lead elsewhere. */
function asUuid(given: unknown): string | undefined {
  if (typeof given !== 'string') {
    return undefined;
  }
  // Every row has several of the first kind, and two patterns are faster than one with a choice.
  const isUuid = given.length === 32 ? digits.test(given) : digitsAndDashes.test(given);
  return isUuid ? given : undefined;
}

function asFlag(given: unknown): boolean | undefined {
  return typeof given === 'boolean' ? given : undefined;
}

function asInteger(given: unknown): number | undefined {
  return Number.isSafeInteger(given) ? (given as number) : undefined;
}

/** GraphQL's own whole numbers have so many bits; a larger one could not be shown. */
export function asInt32(given: unknown): number | undefined {
  return Number.isInteger(given) && (given as number) === ((given as number) | 0)
    ? (given as number)
    : undefined;
}

function asBigInteger(given: unknown): number | string | undefined {
  if (typeof given === 'string') {
    return /^-?\d{1,19}$/.test(given) ? given : undefined;
  }
  return asInteger(given);
}

function asDecimal(given: unknown): string | undefined {
  if (typeof given === 'number') {
    return Number.isFinite(given) ? String(given) : undefined;
  }
  return typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given) ? given : undefined;
}

const utcInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

/** Older Waldur ends instants in Z, newer in +00:00; all digits of the fraction are kept. */
function asInstant(given: unknown): string | undefined {
  if (typeof given !== 'string') {
    return undefined;
  }
  if (utcInstant.test(given)) {
    return given.endsWith('Z') ? given : `${given.slice(0, -6)}Z`;
  }
  const ms = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function asTexts(given: unknown): string[] | undefined {
  return Array.isArray(given) && given.every((one) => typeof one === 'string') ? given : undefined;
}
