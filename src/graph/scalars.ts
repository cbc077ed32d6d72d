/** Scalars: how values that GraphQL has no word for are read and printed. */

import { JSONResolver } from 'graphql-scalars';
import { canonicalUuid } from '../rows/uuid.ts';
import { builder } from './builder.ts';

function text(value: unknown, expected: string, accept: (value: string) => string | undefined) {
  const accepted = typeof value === 'string' ? accept(value) : undefined;
  if (accepted === undefined) {
    // GraphQL adds the type and the place, which it knows.
    throw new TypeError(`expected ${expected}`);
  }
  return accepted;
}

builder.scalarType('UUID', {
  description:
    "The cloud's own identifier. Accepted with or without dashes, in any case; printed as the " +
    'cloud prints it: 32 lower-case hexadecimal digits for Waldur, 36 characters with dashes for ' +
    'Danube Cloud.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc9562',
  serialize: (value) => value,
  parseValue: (value) => text(value, 'a UUID: 32 hexadecimal digits', canonicalUuid),
});

builder.scalarType('DateTime', {
  description: 'An instant in UTC by RFC 3339, printed with a Z and all digits that are known.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => value,
  parseValue: (value) =>
    text(value, 'an RFC 3339 instant', (given) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(given) &&
      !Number.isNaN(Date.parse(given))
        ? given
        : undefined,
    ),
});

builder.scalarType('URL', {
  description: 'An absolute http or https address, as the cloud gave it.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => value,
  parseValue: (value) =>
    text(value, 'an http or https URL', (given) =>
      /^https?:$/.test(URL.parse(given)?.protocol ?? '') ? given : undefined,
    ),
});

builder.scalarType('Decimal', {
  description: 'A decimal number as text, so that no digit is lost, for example "12.50".',
  serialize: (value) => value,
  parseValue: (value) =>
    text(value, 'a decimal number as text', (given) =>
      /^-?\d+(\.\d+)?$/.test(given) ? given : undefined,
    ),
});

builder.scalarType('BigInt', {
  description:
    'A whole number of up to 64 bits: a JSON number while that is exact (up to 2^53 - 1), else ' +
    'text. Both are accepted.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (Number.isSafeInteger(value)) {
      return value as number;
    }
    return text(value, 'a whole number of at most 64 bits', (given) => {
      const isWhole = /^-?\d{1,19}$/.test(given);
      return isWhole && BigInt.asIntN(64, BigInt(given)) === BigInt(given) ? given : undefined;
    });
  },
});

builder.addScalarType('JSON', JSONResolver, {
  description: 'Any JSON value, passed on as the cloud sent it.',
});
