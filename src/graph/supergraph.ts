/** The schema as files and as other gateways see it, and how references to entities are resolved. */

import { printSubgraphSchema } from '@apollo/subgraph';
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isTypeDefinitionNode,
  isUnionType,
  Kind,
  parse,
  print,
  visit,
} from 'graphql';
import { perSession } from '../session/session.ts';
import type { GraphContext } from './builder.ts';
import { inputError } from './input-error.ts';

/** 2.9 brought `@cost` and `@listSize`. */
export const federation = {
  linkUrl: 'https://specs.apollo.dev/federation/v2.9',
  federationDirectives: ['@key', '@listSize', '@shareable', '@tag'],
};

/** The whole graph with its directives, as `schema.graphql` has it. */
export function printWhole(schema: GraphQLSchema): string {
  return `${print(tidied(parse(printSubgraphSchema(schema))))}\n`;
}

/** Fields of Query that mean something in this graph alone. */
const ownQueries = /^(nodes?|search|problems)$/;

/**
 * What is published to a larger graph: all but `node`, `nodes` and the interface that they return,
 * `search`, `problems`, and what only these lead to.
 *
 * Global identifiers mean nothing outside of the graph that gave them, and what looks through all nouns
 * would look through this graph's alone. A subgraph beside this one is likely to have a `node` or a
 * `search` of its own.
 */
export function printPublished(schema: GraphQLSchema): string {
  const document = visit(parse(printSubgraphSchema(schema)), {
    [Kind.INTERFACE_TYPE_DEFINITION]: (type) => (type.name.value === 'Node' ? null : undefined),
    [Kind.NAMED_TYPE]: (type, _key, parent) =>
      Array.isArray(parent) && type.name.value === 'Node' ? null : undefined,
    [Kind.FIELD_DEFINITION]: (field, _key, _parent, _path, ancestors) => {
      const type = ancestors.findLast((node) => !Array.isArray(node));
      const isOfQuery = type !== undefined && 'name' in type && type.name?.value === 'Query';
      return isOfQuery && ownQueries.test(field.name.value) ? null : undefined;
    },
  });
  return `${print(tidied(reachable(document)))}\n`;
}

/** Without the types that nothing leads to, from an operation or from another subgraph. */
function reachable(document: DocumentNode): DocumentNode {
  const leads = new Map<string, Set<string>>();
  const reached = new Set(['Query', 'Mutation', 'Subscription']);
  for (const definition of document.definitions) {
    if (isTypeDefinitionNode(definition)) {
      const names = new Set<string>();
      visit(definition, { [Kind.NAMED_TYPE]: (type) => void names.add(type.name.value) });
      leads.set(definition.name.value, names);
      if (definition.directives?.some(({ name }) => name.value === 'key') === true) {
        reached.add(definition.name.value);
      }
    }
  }
  // Grows while it is gone through.
  for (const name of reached) {
    for (const next of leads.get(name) ?? []) {
      reached.add(next);
    }
  }
  return {
    ...document,
    definitions: document.definitions.filter(
      (definition) => !isTypeDefinitionNode(definition) || reached.has(definition.name.value),
    ),
  };
}

/** Directives in the order of their names, so that the text changes only when the schema does. */
function tidied(document: DocumentNode): DocumentNode {
  const inOrder = <N extends { readonly directives?: readonly ConstDirectiveNode[] | undefined }>(
    node: N,
  ): N => ({
    ...node,
    directives: [...(node.directives ?? [])].sort((one, other) =>
      print(one) < print(other) ? -1 : 1,
    ),
  });
  return visit(document, {
    [Kind.OBJECT_TYPE_DEFINITION]: inOrder,
    [Kind.FIELD_DEFINITION]: inOrder,
  });
}

/** Puts the published text and the limit of references into a subgraph's schema. */
export function finishSubgraph(schema: GraphQLSchema): void {
  const fields = schema.getQueryType()?.getFields() ?? {};
  const { _service: service, _entities: entities } = fields;
  if (service === undefined || entities?.resolve === undefined) {
    throw new Error('the schema is no subgraph');
  }
  const sdl = printPublished(schema);
  service.description = 'For gateways that compose this graph into a larger one.';
  service.resolve = () => ({ sdl });
  entities.description =
    'For gateways: things by reference, in the order of the references; null, with an error, for each that cannot be found.';
  for (const argument of entities.args) {
    argument.description = 'Type names with the fields of a key, each as an object.';
  }
  entities.resolve = eachAlone(entities.resolve);
}

/** How many references an operation has made so far, in all of its fields. */
const madeBy = perSession(() => ({ references: 0 }));

/** One reference that cannot be resolved is an error in its own place, and of no other. */
function eachAlone(
  resolveAll: GraphQLFieldResolver<unknown, GraphContext>,
): GraphQLFieldResolver<unknown, GraphContext> {
  return (source, { representations }, context, info) => {
    const references = representations as readonly unknown[];
    const { maxReferences } = context.session;
    const made = madeBy(context.session);
    if (made.references + references.length > maxReferences) {
      throw inputError(['representations'], `must be at most ${maxReferences} in one operation`);
    }
    made.references += references.length;
    const union = getNamedType(info.returnType);
    const types = isUnionType(union) ? union.getTypes().map(({ name }) => name) : [];
    return references.map((reference, index) => {
      const name = (reference as { readonly __typename?: unknown } | null)?.__typename;
      if (typeof name !== 'string' || !types.includes(name)) {
        return inputError(['representations', String(index)], 'is no entity of this graph');
      }
      const alone = { representations: [reference] };
      return (resolveAll(source, alone, context, info) as readonly unknown[])[0];
    });
  };
}
