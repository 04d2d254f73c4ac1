/** What the dashboard must know of a page before it is opened. */

import type { ComponentType } from 'react';
import type { Me } from '../api/types';

export interface Page {
  /** Below the root, in the router's form: `inbox/:conversation?`. */
  path: string;
  title: { 'pt-BR': string; en: string };
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** Where it stands in the navigation. */
  section: 'work' | 'manage' | 'platform';
  /** Place in the section, lowest first. */
  order: number;
  /** About whoever is logged in, also where they are in no tenant. */
  personal?: boolean;
  /** What the role must allow, such as `conversation:read`. */
  needs?: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** Each page is a folder of `src/pages` with a `page.ts`, which exports its `page`. */
const found = import.meta.glob<{ page: Page }>('../pages/*/page.ts', { eager: true });

const SECTIONS = ['work', 'manage', 'platform'] as const;

export const pages: readonly Page[] = Object.values(found)
  .map(({ page }) => page)
  .sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) || a.order - b.order);

/** Where the page's link leads. */
export function addressOf(page: Page): string {
  return `/${page.path.replace(/\/?:.*$/, '')}`;
}

/** Whether somebody is shown the page. Pages about a tenant need one. */
export function mayOpen(page: Page, me: Me, acting: string | null): boolean {
  const hasTenant = me.tenant_id != null || acting !== null;
  if (page.section !== 'platform' && !hasTenant && !page.personal) return false;
  if (page.section === 'platform' && me.tenant_id != null) return false;
  return page.needs === undefined || me.permissions.includes(page.needs);
}
