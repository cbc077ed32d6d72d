/** Customers in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { pageOf, sortDirection } from '../../graph/listing.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { wantedIn } from '../../graph/selection.ts';
import { shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { customerByUuid, customers } from './customer.access.ts';
import type { Customer, CustomerFilter, CustomerOrderField } from './customer.model.ts';

export const CustomerRef = builder.objectRef<Row<Customer>>('Customer');

registerNode({
  name: 'Customer',
  keyOf: (customer: Row<Customer>) => customer.key,
  isKey: isUuid,
  load: customerByUuid,
});

addEntity(CustomerRef, { name: 'Customer', upstream: 'waldur', keys: [byUuid(customerByUuid)] });

CustomerRef.implement({
  description: 'An organization. It owns projects, and through them everything else.',
  interfaces: [NodeRef],
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
    url: t.field({ type: 'URL', description: 'Its address in the REST API.', ...shown('url') }),
    name: t.field({ type: 'String', description: 'As shown to users.', ...shown('name') }),
    nativeName: t.field({
      type: 'String',
      nullable: true,
      description: "The name in the organization's own language; null when it has none.",
      ...shown('nativeName'),
    }),
    abbreviation: t.field({
      type: 'String',
      nullable: true,
      description: 'A short name of at most 12 characters; null when it has none.',
      ...shown('abbreviation'),
    }),
    description: t.field({
      type: 'String',
      nullable: true,
      description: 'Null when it has none.',
      ...shown('description'),
    }),
    email: t.field({
      type: 'String',
      nullable: true,
      description: 'The contact address; null when it has none.',
      ...shown('email'),
    }),
    phoneNumber: t.field({
      type: 'String',
      nullable: true,
      description: 'The contact number; null when it has none.',
      ...shown('phoneNumber'),
    }),
    country: t.field({
      type: 'String',
      nullable: true,
      description: 'Two letters by ISO 3166-1; null when not known.',
      ...shown('country'),
    }),
    created: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null when not known.',
      ...shown('created'),
    }),
  }),
});

const CustomerConnectionRef = connectionOf(CustomerRef, 'Customer');

const CustomerOrderFieldRef = builder.enumType('CustomerOrderField', {
  description: 'What customers can be ordered by.',
  values: {
    NAME: { description: 'Their name.' },
    CREATED: { description: 'When they were created.' },
    NATIVE_NAME: { description: 'Their name in their own language.' },
    ABBREVIATION: { description: 'Their abbreviation.' },
  } satisfies Record<CustomerOrderField, object>,
});

const CustomerOrderRef = builder.inputType('CustomerOrder', {
  description: 'One key of an order; equals are ordered by the next, in the end by creation.',
  fields: (t) => ({
    field: t.field({
      type: CustomerOrderFieldRef,
      required: true,
      description: 'What to compare.',
    }),
    direction: t.field(sortDirection),
  }),
});

const CustomerFilterRef = builder.inputRef<CustomerFilter>('CustomerFilter').implement({
  description: 'All that is given has to hold; null and empty texts do not filter.',
  fields: (t) => ({
    name: t.string({ description: 'Part of the name, in any case.' }),
    nameExact: t.string({ description: 'The whole name.' }),
    nativeName: t.string({ description: 'Part of the native name, in any case.' }),
    abbreviation: t.string({ description: 'Part of the abbreviation, in any case.' }),
    query: t.string({
      description: 'Part of the name, native name, abbreviation or domain; or a whole uuid.',
    }),
  }),
});

builder.queryFields((t) => ({
  customers: t.field({
    type: CustomerConnectionRef,
    nullable: true,
    ...sized,
    description: 'The customers that the caller sees, by creation unless ordered otherwise.',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg({ type: CustomerFilterRef, description: 'Which of them; null = all.' }),
      orderBy: t.arg({
        type: [CustomerOrderRef],
        description: 'The most important key first; null = by creation.',
      }),
    },
    resolve: (_root, args, { session }, info) =>
      pageOf('customers', args, info, (listing) => customers(session, listing)),
  }),
  customer: t.field({
    type: CustomerRef,
    nullable: true,
    description: 'One customer; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) => customerByUuid(session, uuid, wantedIn(info)),
  }),
}));
