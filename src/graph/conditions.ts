/** Which of a document's selections count: by their directives, and by the type that they are about. */

import {
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  type SelectionNode,
} from 'graphql';

/** Whether variables may decide if it counts. */
export function isConditional({ directives }: SelectionNode): boolean {
  return directives !== undefined && directives.length > 0;
}

/** Whether `@skip` and `@include` let it count. */
export function isIncluded(
  node: SelectionNode,
  variables: GraphQLResolveInfo['variableValues'],
): boolean {
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false
  );
}

/**
 * Whether a fragment is about values of a type.
 *
 * @param condition - the type that it names; undefined for none
 */
export function applies(
  condition: string | undefined,
  type: GraphQLNamedType,
  schema: GraphQLSchema,
): boolean {
  if (condition === undefined || condition === type.name) {
    return true;
  }
  const named = schema.getType(condition);
  return isAbstractType(named) && isObjectType(type) && schema.isSubType(named, type);
}
