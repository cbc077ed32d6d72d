/** Which of Waldur's endpoints a path leads to. */

/**
 * The path with `{uuid}` in the place of each id, e.g. `/api/projects/{uuid}/`: there are as many as
 * there are endpoints, whatever clients ask for.
 *
 * @param path - from `/api` on, without a query
 */
export function waldurRoute(path: string): string {
  const begin = path.indexOf('/', '/api/'.length) + 1;
  if (begin === 0 || begin === path.length || path.startsWith('me/', begin)) {
    return path;
  }
  // What follows a collection is an id, whatever a client has put there.
  const end = path.indexOf('/', begin);
  return `${path.slice(0, begin)}{uuid}${end === -1 ? '' : path.slice(end)}`;
}

/** Endpoints of what owns resources: it changes seldom, and everything leads to it. */
export const ownerRoutes: ReadonlySet<string> = new Set(
  ['customers', 'projects', 'openstack-tenants'].flatMap((collection) => [
    `/api/${collection}/`,
    `/api/${collection}/{uuid}/`,
  ]),
);
