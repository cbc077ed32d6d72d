/** Every noun of the graph, earlier ones first; a later one may add fields to an earlier one. */

import './viewer/viewer.graph.ts';
import './customer/customer.graph.ts';
import './project/project.graph.ts';
import './resource/resource.graph.ts';
import './tenant/tenant.graph.ts';
import './security-group/security-group.graph.ts';
import './server-group/server-group.graph.ts';
import './allocation/allocation.graph.ts';
import './security-group/security-group.rules.graph.ts';
import './security-group/security-group.mutations.graph.ts';
import './security-group/security-group.rules.mutations.graph.ts';
import './server-group/server-group.mutations.graph.ts';
import './allocation/allocation.mutations.graph.ts';
import './datacenter/datacenter.graph.ts';
import './task/task.graph.ts';
import './virtual-machine/virtual-machine.graph.ts';
import './virtual-machine/virtual-machine.lists.graph.ts';
import './task/task.mutations.graph.ts';
import './virtual-machine/virtual-machine.mutations.graph.ts';
import './virtual-machine/virtual-machine.recipe.graph.ts';
import './change/change.graph.ts';
import './search/search.graph.ts';
import './problem/problem.graph.ts';
