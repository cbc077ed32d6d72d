/** Believable names for a world that does not exist. */

import type { Random } from './random.ts';

const organizationRoots = [
  'Tartu Observatory',
  'Baltic Marine Institute',
  'Nordic Genomics Centre',
  'Helsinki Climate Lab',
  'Riga Technical University',
  'Institute of Computer Science',
  'Coastal Engineering Group',
  'National Library Archive',
  'Forest Research Agency',
  'Vilnius Materials Lab',
  'Health Data Institute',
  'Digital Heritage Foundation',
  'Open Mobility Alliance',
  'Polar Research Station',
  'School of Economics',
  'Language Technology Centre',
];
const projectTopics = [
  'Sea ice forecast',
  'Protein folding',
  'Digital twins of cities',
  'Speech corpora',
  'Particle tracking',
  'Soil moisture maps',
  'Medical imaging',
  'Teaching cluster',
  'Web archive',
  'Traffic simulation',
  'Star catalogue',
  'Quantum chemistry',
  'Flood warning',
  'Library portal',
  'Bird migration',
  'Machine translation',
];
const projectKinds = ['pilot', 'production', 'phase 2', 'thesis', 'workshop', 'data lake'];
const roles = [
  'web',
  'db',
  'cache',
  'queue',
  'gitlab',
  'monitoring',
  'bastion',
  'mail',
  'search',
  'ci',
];
const tiers = ['frontend', 'backend', 'replica', 'internal', 'public', 'staging', 'admin'];

export interface Names {
  organization(index: number): string;
  project(index: number): string;
  tenant(index: number): string;
  securityGroup(index: number): string;
  serverGroup(index: number): string;
  allocation(index: number): string;
  host(index: number): string;
}

/** Names are the same for the same chance; those that have to be unique end in a number. */
export function openNames(random: Random): Names {
  const numbered = (stem: string, index: number, digits = 3) =>
    `${stem}-${String(index).padStart(digits, '0')}`;
  const role = () => random.pick(roles);
  return {
    organization: (index) => {
      const root = organizationRoots[index % organizationRoots.length] as string;
      const round = Math.floor(index / organizationRoots.length);
      return round === 0 ? root : `${root} ${round + 1}`;
    },
    project: (index) => `${random.pick(projectTopics)} ${random.pick(projectKinds)} ${index + 1}`,
    tenant: (index) => numbered(`${role()}-tenant`, index, 2),
    securityGroup: (index) => numbered(`${role()}-${random.pick(tiers)}`, index),
    serverGroup: (index) =>
      numbered(`${role()}-${random.pick(['apart', 'together', 'ha'])}`, index),
    allocation: (index) => numbered(`hpc-${random.pick(['gpu', 'cpu', 'bigmem', 'edu'])}`, index),
    host: (index) => `${role()}${String(index).padStart(2, '0')}`,
  };
}
