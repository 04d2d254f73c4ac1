/** A super admin enters a tenant, and leaves it: what was read of another one is forgotten. */

import { actAs } from '../../api/session';
import type { Tenant } from '../../api/types';
import { told } from '../../app/notify';
import { queries } from '../../app/queries';
import { tenants } from './texts';

/** What was read of the platform itself. */
const PLATFORM = 'tenants';

function forgetTenant(): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== PLATFORM });
  queries.removeQueries({ queryKey: ['tenants', 'current'] });
}

export function enterTenant({ slug, name }: Tenant): void {
  forgetTenant();
  actAs(slug);
  told(tenants.say('acting', { name }));
}

export function leaveTenant(): void {
  forgetTenant();
  actAs(null);
  told(tenants.say('left'));
}
