/** The one schema builder. It defines no types of its own. */

import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import FederationPlugin from '@pothos/plugin-federation';
import type { Session } from '../session/session.ts';

export interface GraphContext {
  readonly session: Session;
  /** The request as it came. */
  readonly params?: {
    readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  };
}

export interface GraphTypes {
  Context: GraphContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    UUID: { Input: string; Output: string };
    DateTime: { Input: string; Output: string };
    URL: { Input: string; Output: string };
    Decimal: { Input: string; Output: string };
    BigInt: { Input: number | string; Output: number | string };
    JSON: { Input: unknown; Output: unknown };
  };
}

/** In the order in which they wrap each other. */
export const plugins = [DirectivesPlugin, FederationPlugin] as const;

export const builder = new SchemaBuilder<GraphTypes>({
  plugins: [...plugins],
  defaultFieldNullability: false,
});

/** The type of `builder`, for functions that add to the schema. */
export type Builder = typeof builder;
