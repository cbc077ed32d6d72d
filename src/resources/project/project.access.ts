/** What resolvers may ask about projects. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { Project, ProjectFilter, ProjectOrderField } from './project.model.ts';
import { projectFilter, projectNoun, projectOrder } from './project.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function projectByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<Project> | null> {
  return oneOf(session, projectNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function projects(
  session: Session,
  request: ListRequest<ProjectFilter, ProjectOrderField>,
): Promise<Slice<Project>> {
  return listOf(
    session,
    { noun: projectNoun, filter: projectFilter, order: projectOrder },
    request,
  );
}
