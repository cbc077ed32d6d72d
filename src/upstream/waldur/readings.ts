/** How Waldur's JSON is read. */

import { asInt32, readingsOf } from '../../rows/readings.ts';
import type { Reading } from '../../rows/row.ts';

const readings = readingsOf('waldur');
const { orNull, value, wrong } = readings;

/** Older Waldur says `Creation Scheduled` for what newer calls `CREATION_SCHEDULED`. */
function asName(given: unknown): string | undefined {
  return typeof given === 'string'
    ? given.trim().toUpperCase().replaceAll(/[ -]/g, '_')
    : undefined;
}

/** Which of the names something is; each spelling of them is looked at closely once. */
function namedBy<const N extends string>(names: readonly N[]): (given: unknown) => N | undefined {
  const spellings = new Map<unknown, N>();
  return (given) => {
    const known = spellings.get(given);
    if (known !== undefined) {
      return known;
    }
    const name = asName(given);
    const found = names.find((one) => one === name);
    if (found !== undefined && spellings.size < mostSpellings) {
      spellings.set(given, found);
    }
    return found;
  };
}

/** Blanks around a name could be any number. */
const mostSpellings = 100;

export const waldur = {
  ...readings,

  /** One of the given names; any spelling of case, spaces and dashes. */
  oneOf: <const N extends string>(field: string, names: readonly N[]): Reading<N> => {
    const nameIn = namedBy(names);
    return {
      fields: [field],
      read: (raw) => {
        const found = nameIn(raw[field]);
        if (found === undefined) {
          throw wrong(field, 'a name that is known here');
        }
        return found;
      },
    };
  },

  /** The same, null for a name that is not known. */
  oneOfOrNull: <const N extends string>(field: string, names: readonly N[]): Reading<N | null> => {
    const nameIn = namedBy(names);
    return { fields: [field], read: (raw) => nameIn(raw[field]) ?? null };
  },

  /** The uuid at the end of a hyperlink: every version of Waldur sends the link, not every the uuid. */
  uuidInUrl: value('a hyperlink', uuidOf),

  /** A port of a rule; Waldur's -1 is null. */
  port: orNull(
    'a port or -1',
    asInt32,
    (given) => given === null || given === undefined || given === -1,
  ),

  /** A limit; Waldur's -1 is null. */
  limit: orNull(
    'a limit or -1',
    (given) => {
      const whole = typeof given === 'string' && /^\d{1,19}$/.test(given);
      return whole || Number.isSafeInteger(given) ? (given as number | string) : undefined;
    },
    (given) => given === null || given === undefined || given === -1,
  ),

  /** A link to a thing: text, the first of a list, or null. */
  firstText: (field: string): Reading<string | null> => ({
    fields: [field],
    read: (raw) => {
      const given = raw[field];
      const first: unknown = Array.isArray(given) ? given[0] : given;
      if (first === null || first === undefined || first === '') {
        return null;
      }
      if (typeof first !== 'string') {
        throw wrong(field, 'text, a list of texts or null');
      }
      return first;
    },
  }),
};

const lastUuid = /\/[0-9a-f]{32}\/?$/;

/** Only the last segment counts: the host depends on how Waldur was reached. */
function uuidOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || !lastUuid.test(given)) {
    return undefined;
  }
  return given.endsWith('/') ? given.slice(-33, -1) : given.slice(-32);
}
