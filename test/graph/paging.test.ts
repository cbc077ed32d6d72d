/** What a page shows, whatever was asked for it. */

import type { GraphQLObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/schema.ts';

it('has an error where its entries were not asked for, and never no entries', () => {
  const { nodes } = (schema.getType('ProjectConnection') as GraphQLObjectType).getFields();
  const slice = { offset: 0, length: 2, total: 2, rows: null };
  expect(() => nodes?.resolve?.({ slice }, {}, {}, {} as never)).toThrow('not asked for');
});
