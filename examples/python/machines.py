"""Lists all machines of Danube Cloud with the Waldur projects and customers that they belong to, as CSV.

    WALDUR_TOKEN=… DANUBE_API_KEY=… python machines.py http://127.0.0.1:4000/graphql
"""

import csv
import os
import sys

from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport

MACHINES = gql(
    """
    query Machines($after: String) {
      virtualMachines(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { hostname status vcpus ramMiB project { name customer { name } } }
      }
    }
    """
)


def machines(client: Client):
    """Every machine that the caller sees, by hostname; raises TransportQueryError when a cloud fails."""
    after = None
    while True:
        MACHINES.variable_values = {"after": after}
        page = client.execute(MACHINES)["virtualMachines"]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def main(url: str) -> None:
    headers = {
        "Authorization": f"Token {os.environ['WALDUR_TOKEN']}",
        "X-Danube-Api-Key": os.environ["DANUBE_API_KEY"],
    }
    # With the schema, gql finds faults of a query before it is sent.
    client = Client(
        transport=RequestsHTTPTransport(url=url, headers=headers),
        fetch_schema_from_transport=True,
    )
    table = csv.writer(sys.stdout)
    table.writerow(["hostname", "status", "vcpus", "ramMiB", "project", "customer"])
    for machine in machines(client):
        project = machine["project"]
        table.writerow(
            [machine[name] for name in ("hostname", "status", "vcpus", "ramMiB")]
            + ([project["name"], project["customer"]["name"]] if project else ["", ""])
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
