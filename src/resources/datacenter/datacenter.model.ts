export interface Datacenter {
  name: string;
  alias: string | null;
  owner: string | null;
  description: string | null;
  access: string | null;
}
