import type { Row } from '../../rows/row.ts';

/** Kinds of things that something can be wrong with. */
export const problemTypes = [
  'TENANT',
  'SECURITY_GROUP',
  'SERVER_GROUP',
  'ALLOCATION',
  'VIRTUAL_MACHINE',
] as const;
export type ProblemType = (typeof problemTypes)[number];

export type ProblemKind = 'ERRED' | 'STUCK';

export interface Problem {
  readonly type: ProblemType;
  readonly kind: ProblemKind;
  readonly subject: Row;
  /** By RFC 3339; null where the cloud does not tell. */
  readonly since: string | null;
  /** The tasks of a machine that have not ended, by id. */
  readonly taskIds: readonly string[];
}

/** What was found of one kind of thing. */
export interface Found {
  readonly type: ProblemType;
  readonly problems: readonly Problem[];
  /** Why not all of it was; null when it was. */
  readonly failure: Error | null;
  /** Whether nothing was left out because there is too much of it. */
  readonly isWhole: boolean;
}

/** Whose right a remedy is, as far as can be known before it is tried. */
export type RemedyRight = 'STAFF' | 'MANAGER' | 'CLOUD_DECIDES';

/** A mutation of this graph that may help. */
export interface Remedy {
  readonly mutation: string;
  readonly purpose: string;
  readonly right: RemedyRight;
  /** Whether something may be gone afterwards. */
  readonly isDestructive: boolean;
  /** Ready to be run. */
  readonly document: string;
}
