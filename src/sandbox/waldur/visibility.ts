/** Who sees what: Waldur hides, and answers 404, where others would refuse. */

import type { Customer, Project, ServiceSettings, User } from './model.ts';

export interface Viewpoint {
  readonly user: User;
  /** The first entry of `X-Forwarded-For`, else the socket's. */
  readonly address: string;
}

/** Staff and support see everything. */
export function seesAll({ user }: Viewpoint): boolean {
  return user.isStaff || user.isSupport;
}

/** Any role in the project or in its customer. */
export function seesProject(viewpoint: Viewpoint, project: Project): boolean {
  if (seesAll(viewpoint)) {
    return true;
  }
  return (
    viewpoint.user.roles.some(({ scope }) => scope === project || scope === project.customer) &&
    isReachable(viewpoint, project.customer)
  );
}

/** Any role in the customer or in one of its projects. */
export function seesCustomer(viewpoint: Viewpoint, customer: Customer): boolean {
  if (seesAll(viewpoint)) {
    return true;
  }
  return (
    viewpoint.user.roles.some(
      ({ scope }) => scope === customer || ('customer' in scope && scope.customer === customer),
    ) && isReachable(viewpoint, customer)
  );
}

/** Shared ones, and those of the customers that the user belongs to. */
export function seesSettings(viewpoint: Viewpoint, settings: ServiceSettings): boolean {
  return (
    seesAll(viewpoint) ||
    settings.shared ||
    (settings.customer !== null && seesCustomer(viewpoint, settings.customer))
  );
}

/** Projects that the user may change: what `can_manage` keeps, whatever its value. Staff: all. */
export function managesProject({ user }: Viewpoint, project: Project): boolean {
  return (
    user.isStaff ||
    user.roles.some(
      ({ role, scope }) =>
        (scope === project && (role === 'PROJECT.ADMIN' || role === 'PROJECT.MANAGER')) ||
        (scope === project.customer && role === 'CUSTOMER.OWNER'),
    )
  );
}

function isReachable({ address }: Viewpoint, { accessSubnet }: Customer): boolean {
  return accessSubnet === '' || address.startsWith(accessSubnet);
}
