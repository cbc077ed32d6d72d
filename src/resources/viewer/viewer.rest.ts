/** The caller over Waldur's REST API. */

import type { Raw, Reading, View } from '../../rows/row.ts';
import type { WaldurConnection } from '../../upstream/waldur/connection.ts';
import { waldur } from '../../upstream/waldur/readings.ts';

/** Waldur of 2024 leaves the keys out for whoever is neither. */
const flagOrAbsent = (field: string): Reading<boolean> => ({
  fields: [field],
  read: (raw: Raw, row) => waldur.flagOrNull(field).read(raw, row) ?? false,
});

export const viewerView: View = {
  uuid: waldur.uuid('uuid'),
  username: waldur.text('username'),
  fullName: waldur.textUnlessEmpty('full_name'),
  email: waldur.textUnlessEmpty('email'),
  isStaff: flagOrAbsent('is_staff'),
  isSupport: flagOrAbsent('is_support'),
};

/**
 * The caller's own user, with the given fields alone: a whole one holds the caller's token.
 *
 * @throws {UpstreamFailure}
 *
 * Source: GET /api/users/me/ in Waldur's API documentation.
 */
export function fetchViewer(waldur: WaldurConnection, fields: ReadonlySet<string>): Promise<Raw> {
  return waldur.detail('users', 'me', [], fields);
}
