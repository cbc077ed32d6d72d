/** The page: whose it is, then what there is for them. */

import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Deployment } from './deployment';
import { GraphContext, openGraph } from './graph';
import { GroupTable } from './groups';
import './page.css';

function Page() {
  const [graph, setGraph] = useState<ReturnType<typeof openGraph> | null>(null);
  if (graph !== null) {
    return (
      <GraphContext value={graph}>
        <Deployment />
        <GroupTable />
      </GraphContext>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const [waldur, danube] = [given.get('waldur'), given.get('danube')].map(String);
        setGraph(openGraph({ waldur: waldur ?? '', danube: danube ?? '' }));
      }}
    >
      <h2>Credentials</h2>
      <label>
        Waldur's token <input name="waldur" type="password" required />
      </label>{' '}
      <label>
        Danube's API key <input name="danube" type="password" required />
      </label>{' '}
      <button type="submit">Enter</button>
    </form>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
