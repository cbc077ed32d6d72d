/** A table of security groups: filters, pages, and each row's state as it changes. */

import { useEffect, useState } from 'react';
import { graphql } from './gql';
import type { GroupsPageQuery, ResourceState, SecurityGroupFilter } from './gql/graphql';
import { useFollowed, useGraph } from './graph';

const GroupsPage = graphql(`
  query GroupsPage($after: String, $filter: SecurityGroupFilter) {
    securityGroups(first: 10, after: $after, filter: $filter, orderBy: [{ field: NAME }]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { uuid name state project { name } customer { name } rules { ruleId } }
    }
  }
`);

const PullGroup = graphql(`
  mutation PullGroup($uuid: UUID!) {
    pullSecurityGroup(uuid: $uuid) {
      ... on PullSecurityGroupSuccess { settled }
      ... on Failure { message }
    }
  }
`);

const GroupState = graphql(`
  subscription GroupState($uuid: UUID!) {
    resourceChanged(uuid: $uuid, type: SECURITY_GROUP) { state inTransition }
  }
`);

type Groups = NonNullable<GroupsPageQuery['securityGroups']>;

const choices: readonly { title: string; state?: ResourceState[] }[] = [
  { title: 'any' },
  { title: 'OK', state: ['OK'] },
  { title: 'erred', state: ['ERRED'] },
  { title: 'on its way', state: ['CREATING', 'UPDATING', 'DELETING'] },
];

/** Pulling reads a group again from its backend, which takes a while. */
function GroupRow({ group }: { readonly group: Groups['nodes'][number] }) {
  const graph = useGraph();
  const { uuid } = group;
  const [pulls, setPulls] = useState(0);
  const [refusal, setRefusal] = useState('');
  const followed = useFollowed(GroupState, pulls > 0 ? { uuid } : undefined, pulls);
  const now = followed?.resourceChanged ?? { state: group.state, inTransition: false };
  const pull = async () => {
    try {
      const { pullSecurityGroup: outcome } = await graph.ask(PullGroup, { uuid });
      setRefusal(outcome && 'message' in outcome ? outcome.message : '');
      setPulls(pulls + 1);
    } catch (error) {
      setRefusal(String(error));
    }
  };
  return (
    <tr>
      <th scope="row">{group.name}</th>
      <td>{group.project.name}</td>
      <td>{group.customer.name}</td>
      <td>{group.rules.length}</td>
      <td data-state={now.state}>
        {now.state} {now.inTransition && <progress />}
      </td>
      <td>
        <button type="button" onClick={pull}>
          Pull
        </button>{' '}
        <output>{refusal}</output>
      </td>
    </tr>
  );
}

export function GroupTable() {
  const graph = useGraph();
  const [filter, setFilter] = useState<SecurityGroupFilter>({});
  /** Where the pages up to this one begin. */
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const [page, setPage] = useState<Groups | null>(null);
  const [problem, setProblem] = useState('');

  useEffect(() => {
    let isLeft = false;
    const show = (answer: GroupsPageQuery) => {
      if (!isLeft) {
        setPage(answer.securityGroups);
        setProblem('');
      }
    };
    graph
      .ask(GroupsPage, { after: cursors.at(-1) ?? null, filter })
      .then(show, (error) => setProblem(String(error)));
    return () => {
      isLeft = true;
    };
  }, [graph, filter, cursors]);

  const narrow = (change: SecurityGroupFilter) => {
    setFilter({ ...filter, ...change });
    setCursors([null]);
  };

  return (
    <section>
      <h2>Security groups{page && `: ${page.totalCount}`}</h2>
      <p role="alert">{problem}</p>
      <label>
        Name <input onChange={({ target }) => narrow({ name: target.value || null })} />
      </label>{' '}
      <label>
        State{' '}
        <select onChange={({ target }) => narrow({ state: choices[target.selectedIndex]?.state })}>
          {choices.map(({ title }) => (
            <option key={title}>{title}</option>
          ))}
        </select>
      </label>
      <table>
        <thead>
          <tr>
            {['Name', 'Project', 'Customer', 'Rules', 'State', ''].map((title) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page?.nodes.map((group) => (
            <GroupRow key={group.uuid} group={group} />
          ))}
        </tbody>
      </table>
      <button
        type="button"
        disabled={cursors.length === 1}
        onClick={() => setCursors(cursors.slice(0, -1))}
      >
        Back
      </button>{' '}
      <button
        type="button"
        disabled={!page?.pageInfo.hasNextPage}
        onClick={() => setCursors([...cursors, page?.pageInfo.endCursor ?? null])}
      >
        Next
      </button>
    </section>
  );
}
