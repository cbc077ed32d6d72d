/** GraphiQL at the graph's own address, whole in one page: many of these clouds have no internet. */

import type { GraphiQLOptions } from 'graphql-yoga';

/** What GraphiQL opens with. */
export interface Explorer {
  /** Filled into the header editor, e.g. the sandbox's credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A query to begin with; its name is its tab's title. */
const examples: readonly string[] = [
  `# Who owns what, in one call to Waldur.
query LinkedList {
  securityGroups(first: 20) {
    totalCount
    nodes {
      name
      state
      project { name }
      customer { name abbreviation }
      tenant { name }
      serviceSettings { name state }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  `# The simplest list.
query FlatList {
  projects(first: 10, orderBy: [{ field: NAME }]) {
    nodes { uuid name description created }
  }
}
`,
  `# Tenants with what they let through.
query TenantRules {
  tenants(first: 3) {
    nodes {
      name
      quotas { name usage limit }
      securityGroups(first: 5) {
        totalCount
        nodes {
          name
          rules { direction ethertype protocol fromPort toPort cidr remoteGroup { name } }
        }
      }
    }
  }
}
`,
  `# Machines of Danube Cloud with the Waldur projects that they are tagged with.
query MachinesAndProjects {
  virtualMachines(first: 20) {
    totalCount
    nodes {
      hostname
      status
      vcpus
      ramMiB
      datacenter { name }
      project { name customer { name } }
      tasks { taskId }
    }
  }
}
`,
  `# Whatever has failed, in both clouds.
query EverythingErred {
  tenants(filter: { state: [ERRED] }) { totalCount nodes { name errorMessage } }
  securityGroups(filter: { state: [ERRED] }) { totalCount nodes { name errorMessage tenant { name } } }
  serverGroups(filter: { state: [ERRED] }) { totalCount nodes { name errorMessage tenant { name } } }
  allocations(filter: { state: [ERRED] }) { totalCount nodes { name errorMessage project { name } } }
  virtualMachines(filter: { status: [ERROR] }) { totalCount nodes { hostname owner } }
}
`,
];

/** Yoga's options for the page. Headers are kept in the tab alone, never in the browser's storage. */
export function explorerOptions({ headers }: Explorer): GraphiQLOptions {
  const shownHeaders = JSON.stringify(headers, null, 2);
  return {
    title: 'Stratograph',
    defaultTabs: examples.map((query) => ({ query, headers: shownHeaders })),
    headers: shownHeaders,
    shouldPersistHeaders: false,
  };
}

/** The page. It is large, so nothing of it is loaded before somebody opens it. */
export async function renderExplorer(options?: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL(options);
}
