/** Other teams' subgraphs. */

const link = (...imports: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})`;

/** Knows what projects and tenants cost; the price of a project depends on a field of ours. */
export const billing = {
  sdl: `
    ${link('@key', '@external', '@requires')}
    scalar UUID
    type Query { invoices: [Invoice!]! dearest: Project! }
    type Invoice { number: Int! project: Project! tenant: Tenant! }
    type Project @key(fields: "uuid") {
      uuid: UUID!
      name: String! @external
      monthlyPrice: Int!
      invoiceTitle: String! @requires(fields: "name")
    }
    type Tenant @key(fields: "uuid") { uuid: UUID! costCentre: String! }
  `,
};

/** Has its own idea of nodes and pages. */
export const relayStyle = {
  sdl: `
    ${link('@key', '@shareable')}
    interface Node { id: ID! createdBy: String! }
    type PageInfo @shareable {
      hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
    }
    type Query { node(id: ID!): Node tickets(first: Int): TicketConnection! }
    type TicketConnection { edges: [TicketEdge!]! pageInfo: PageInfo! }
    type TicketEdge { cursor: String! node: Ticket! }
    type Ticket implements Node @key(fields: "id") { id: ID! createdBy: String! title: String! }
  `,
};
