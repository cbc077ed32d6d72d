/** A machine that is deployed, and how far it is. */

import { type FormEvent, useState } from 'react';
import { graphql } from './gql';
import { useFollowed, useGraph } from './graph';

const Deploy = graphql(`
  mutation Deploy($hostname: String!, $image: String!, $net: String!) {
    createVirtualMachine(
      input: {
        hostname: $hostname
        vcpus: 1
        ramMiB: 1024
        disks: [{ image: $image }]
        nics: [{ net: $net }]
      }
    ) {
      ... on CreateVirtualMachineSuccess { settled }
      ... on InvalidInput { issues { path message } }
      ... on Failure { message }
    }
  }
`);

const Machine = graphql(`
  subscription Machine($hostname: String!) {
    virtualMachineChanged(hostname: $hostname) { status inTransition ips }
  }
`);

/** What is wrong with the input, where it is that, or else what the cloud says. */
const reasons = (refusal: { message: string; issues?: { path: string[]; message: string }[] }) =>
  refusal.issues?.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [refusal.message];

export function Deployment() {
  const graph = useGraph();
  const [hostname, setHostname] = useState<string>();
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const machine = useFollowed(Machine, hostname ? { hostname } : undefined)?.virtualMachineChanged;

  const deploy = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const { hostname: name = '', image = '', net = '' } = given;
    try {
      const { createVirtualMachine: outcome } = await graph.ask(Deploy, {
        hostname: name,
        image,
        net,
      });
      setHostname(outcome && 'settled' in outcome ? name : undefined);
      setRefusals(outcome && 'message' in outcome ? reasons(outcome) : []);
    } catch (error) {
      setRefusals([String(error)]);
    }
  };

  return (
    <section>
      <h2>A new machine</h2>
      <form onSubmit={deploy}>
        <label>
          Hostname <input name="hostname" required />
        </label>{' '}
        <label>
          Image <input name="image" defaultValue="base-64" required />
        </label>{' '}
        <label>
          Network <input name="net" defaultValue="lan" required />
        </label>{' '}
        <button type="submit">Deploy</button>
      </form>
      <ul>
        {refusals.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p role="status">
        {machine && `${hostname} is ${machine.status} ${machine.ips.join(', ')} `}
        {machine?.inTransition && <progress />}
      </p>
    </section>
  );
}
