/** What Waldur accepts in a body, field by field, and how it complains. */

import type { ReceivedCall } from '../../server.ts';
import { detail, json, refuse } from '../answers.ts';

/** A value that was accepted, or complaints in Waldur's words. */
export type Checked<V> = { readonly value: V } | { readonly complaints: unknown };

/** Reads one field; `undefined` when the body lacks it. */
export type Field<V> = (given: unknown) => Checked<V>;

export const required = <V>(field: Field<V>): Field<V> => {
  return (given) =>
    given === undefined ? { complaints: ['This field is required.'] } : field(given);
};

export const optional = <V>(field: Field<V>): Field<V | undefined> => {
  return (given) => (given === undefined ? { value: undefined } : field(given));
};

interface TextRules {
  readonly maxLength: number;
  readonly isBlankAllowed?: boolean;
  readonly isNullAllowed?: boolean;
}

/** Text, trimmed; numbers are taken as text, as Waldur's framework does. */
export function text(rules: TextRules & { readonly isNullAllowed: true }): Field<string | null>;
export function text(rules: TextRules): Field<string>;
export function text({ maxLength, isBlankAllowed, isNullAllowed }: TextRules): Field<unknown> {
  return (given) => {
    if (given === null) {
      return isNullAllowed === true ? { value: null } : notNull;
    }
    if (typeof given !== 'string' && typeof given !== 'number') {
      return { complaints: ['Not a valid string.'] };
    }
    const value = String(given).trim();
    if (value === '' && isBlankAllowed !== true) {
      return { complaints: ['This field may not be blank.'] };
    }
    return value.length > maxLength
      ? { complaints: [`Ensure this field has no more than ${maxLength} characters.`] }
      : { value };
  };
}

/** A whole number, as such or as text. */
export function integer(min: bigint, max?: bigint): Field<bigint> {
  return (given) => {
    const digits = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
    if (given === null) {
      return notNull;
    }
    if (!/^\s*-?\d+(\.0*)?\s*$/.test(digits)) {
      return { complaints: ['A valid integer is required.'] };
    }
    const value = BigInt(digits.trim().replace(/\.0*$/, ''));
    if (value < min) {
      return { complaints: [`Ensure this value is greater than or equal to ${min}.`] };
    }
    return max !== undefined && value > max
      ? { complaints: [`Ensure this value is less than or equal to ${max}.`] }
      : { value };
  };
}

export function choice(choices: readonly string[]): Field<string> {
  return (given) => {
    if (given === null) {
      return notNull;
    }
    return typeof given === 'string' && choices.includes(given)
      ? { value: given }
      : { complaints: [`"${String(given)}" is not a valid choice.`] };
  };
}

/** A hyperlink to a row that the caller may see; its host does not count. */
export function hyperlink<T extends { uuid: string }>(
  collection: string,
  rows: readonly T[],
  sees: (row: T) => boolean,
): Field<T> {
  return (given) => {
    if (given === null) {
      return notNull;
    }
    if (typeof given !== 'string') {
      return {
        complaints: [`Incorrect type. Expected URL string, received ${typeOf(given)}.`],
      };
    }
    const path = given.replace(/^https?:\/\/[^/]+/, '');
    const [, found, key = ''] = /^\/api\/([a-z-]+)\/([^/.]+)\/$/.exec(path) ?? [];
    if (found === undefined) {
      return { complaints: ['Invalid hyperlink - No URL match.'] };
    }
    if (found !== collection) {
      return { complaints: ['Invalid hyperlink - Incorrect URL match.'] };
    }
    const uuid = key.replaceAll('-', '').toLowerCase();
    const row = rows.find((candidate) => candidate.uuid === uuid);
    return row !== undefined && sees(row)
      ? { value: row }
      : { complaints: ['Invalid hyperlink - Object does not exist.'] };
  };
}

const notNull = { complaints: ['This field may not be null.'] };

type Values<F> = { [K in keyof F]: F[K] extends Field<infer V> ? V : never };

/** Every field of an object, or the complaints of all of them. */
export function checkFields<F extends Readonly<Record<string, Field<unknown>>>>(
  fields: F,
  body: unknown,
): Checked<Values<F>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const complaint = `Invalid data. Expected a dictionary, but got ${typeOf(body)}.`;
    return { complaints: { non_field_errors: [complaint] } };
  }
  const values: Record<string, unknown> = {};
  const complaints: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const checked = field((body as Record<string, unknown>)[name]);
    if ('value' in checked) {
      values[name] = checked.value;
    } else {
      complaints[name] = checked.complaints;
    }
  }
  return Object.keys(complaints).length > 0 ? { complaints } : { value: values as Values<F> };
}

/** @throws {Refusal} 400 with the complaints */
export function accepted<V>(checked: Checked<V>): V {
  return 'value' in checked ? checked.value : refuse(json(400, checked.complaints));
}

/**
 * The body as JSON; an empty one is an empty object.
 *
 * @throws {Refusal} 415, 400
 */
export function bodyOf({ body, headers }: ReceivedCall): unknown {
  if (body === '') {
    return {};
  }
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    return refuse(detail(415, `Unsupported media type "${type}" in request.`));
  }
  try {
    return JSON.parse(body, (_key, value: unknown, context?: { source?: string }) =>
      // A limit of 64 bits keeps all its digits.
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
        ? (context?.source ?? value)
        : value,
    );
  } catch {
    return refuse(detail(400, 'JSON parse error - Expecting value: line 1 column 1 (char 0)'));
  }
}

/** As Python names types. */
export function typeOf(given: unknown): string {
  if (given === null) {
    return 'NoneType';
  }
  if (Array.isArray(given)) {
    return 'list';
  }
  const names: Record<string, string> = { string: 'str', number: 'int', boolean: 'bool' };
  return names[typeof given] ?? 'dict';
}
