/** What the pages show in the tests that look at all of them. */

import type { Page } from 'playwright-core';
import { asks, Customer } from './stage';

/** Addresses that no link of the navigation leads to. */
const FURTHER = [
  '/customers/fields',
  '/departments?tab=routing',
  '/bot?tab=notices',
  '/bot?tab=rules',
  '/engine?tab=quarantine',
  '/engine?tab=dead',
  '/engine?tab=jobs',
  '/engine?tab=incidents',
  '/audit?category=authentication',
  '/nowhere',
];

/** Something on every page; again without effect. */
export async function furnish(): Promise<void> {
  const { data: labels } = (await asks('admin', 'GET', '/labels')) as { data: unknown[] };
  if (labels.length > 0) return;
  await asks('admin', 'POST', '/labels', { name: 'Reclamação', colour: '#e03131' });
  await asks('admin', 'POST', '/labels', { name: 'Orçamento', colour: '#1971c2' });
  await asks('admin', 'POST', '/customer-attributes', {
    key: 'plano',
    label: 'Plano',
    kind: 'choice',
    choices: ['Básico', 'Completo'],
  });
  await asks('admin', 'POST', '/canned-replies', {
    shortcut: 'boas-vindas',
    title: 'Boas-vindas',
    text: 'Olá! Em que posso ajudar?',
    scope: 'tenant',
  });
  for (const name of ['Otávio Espera', 'Paula Aguarda']) {
    const customer = await Customer.called(name);
    await customer.says('Oi');
    await customer.says('atendente');
  }
}

/** Where somebody can go who is logged in on a desk. */
export async function addresses(page: Page): Promise<string[]> {
  const links = page.getByRole('navigation').getByRole('link');
  await links.first().waitFor();
  const found = await links.evaluateAll((all) =>
    all.map((link) => link.getAttribute('href') ?? ''),
  );
  if (!found.includes('/customers')) return [...found, '/profile'];
  const { data } = (await asks('admin', 'GET', '/customers?limit=1')) as { data: { id: string }[] };
  return [...new Set([...found, '/profile', ...FURTHER, `/customers/${data[0]?.id}`])];
}

/** Opens a page, and waits until it has all that it shows. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForLoadState('networkidle');
  // What is still a shape is not what people see.
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  const missing = await page.getByText('Página não encontrada').count();
  if (missing > 0 && !address.endsWith('/nowhere')) throw new Error(`there is no page ${address}`);
}
