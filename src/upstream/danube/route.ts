/** Which of Danube Cloud's endpoints a path leads to. */

/** What is shown in the place of the segment after each of these. */
const ids: Readonly<Record<string, string>> = {
  vm: '{hostname}',
  task: '{task_id}',
  dc: '{dc}',
  disk: '{disk_id}',
  nic: '{nic_id}',
};
const lists = ['/api/vm/status/'];

/**
 * The path with a word for each name, number and id, e.g. `/api/vm/{hostname}/define/`: there are as
 * many as there are endpoints, whatever clients ask for.
 *
 * @param path - from `/api` on, without a query
 */
export function danubeRoute(path: string): string {
  if (lists.includes(path)) {
    return path;
  }
  let before = '';
  return path.replace(/[^/]+/g, (segment) => {
    before = ids[before] ?? segment;
    return before;
  });
}
