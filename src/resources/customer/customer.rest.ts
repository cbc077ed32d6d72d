/** Customers over Waldur's REST API, where they are also called organizations. */

import type { View } from '../../rows/row.ts';
import { filterQuery, orderQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import type { CustomerFilter, CustomerOrderField } from './customer.model.ts';

/** Source: GET /api/customers/{uuid}/ in Waldur's API documentation. */
export const customerNoun: WaldurNoun = {
  name: 'Customer',
  collection: 'customers',
  // No parameter of Waldur's lists customers by anything that a row in hand knows.
  groupings: [],
  view: {
    uuid: waldur.uuid('uuid'),
    url: waldur.text('url'),
    name: waldur.text('name'),
    nativeName: waldur.textUnlessEmpty('native_name'),
    abbreviation: waldur.textUnlessEmpty('abbreviation'),
    description: waldur.textUnlessEmpty('description'),
    email: waldur.textUnlessEmpty('email'),
    phoneNumber: waldur.textUnlessEmpty('phone_number'),
    country: waldur.textUnlessEmpty('country'),
    created: waldur.instantOrNull('created'),
  },
};

/** What the row of anything that a customer owns holds of the customer. */
export const customerInOwned: View = {
  // Waldur before 2025-10 sends the hyperlink alone; it holds the uuid as well.
  uuid: waldur.uuidInUrl('customer'),
  url: waldur.text('customer'),
  name: waldur.text('customer_name'),
  nativeName: waldur.textUnlessEmpty('customer_native_name'),
  abbreviation: waldur.textUnlessEmpty('customer_abbreviation'),
};

export const customerFilter = filterQuery<CustomerFilter>({
  name: 'name',
  nameExact: 'name_exact',
  nativeName: 'native_name',
  abbreviation: 'abbreviation',
  query: 'query',
});

export const customerOrder = orderQuery<CustomerOrderField>({
  NAME: 'name',
  CREATED: 'created',
  NATIVE_NAME: 'native_name',
  ABBREVIATION: 'abbreviation',
});
