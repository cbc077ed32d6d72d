/** What resolvers may ask about the caller. */

import DataLoader from 'dataloader';
import { Row, type Wanted } from '../../rows/row.ts';
import { fieldsFor, nothing, union } from '../../rows/wanted.ts';
import { perSession, type Session, waldurOf } from '../../session/session.ts';
import type { Viewer } from './viewer.model.ts';
import { fetchViewer, viewerView } from './viewer.rest.ts';

const viewers = perSession((session) => {
  const loader = new DataLoader<Wanted, Row<Viewer>>(
    async (wants) => {
      const fields = fieldsFor(viewerView, wants.reduce(union, nothing));
      const raw = await fetchViewer(waldurOf(session), fields);
      const row: Row<Viewer> = new Row<Viewer>(null, viewerView, raw, {
        fields,
        load: (_row, wanted, loading) => loading.takeFrom(loader.load(wanted)),
        onTopUp: () => undefined,
      });
      return wants.map(() => row);
    },
    { cache: false },
  );
  return loader;
});

/**
 * Who the caller is to Waldur.
 *
 * @throws {UpstreamFailure} `unauthenticated` without a valid credential
 */
export function viewer(session: Session, wanted: Wanted): Promise<Row<Viewer>> {
  return viewers(session).load(wanted);
}
