import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asks, Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

/** Ana and nobody else of the attendants serves it. */
const DEPARTMENT = 'Vendas';
let department = '';
let attendance = '';

beforeAll(async () => {
  const ana = (await asks('ana', 'GET', '/auth/me')) as { id: string };
  attendance = `/users/${ana.id}/attendance`;
  // What she leads of other tests must not fill her hands.
  await asks('admin', 'PATCH', attendance, { capacity: 100 });
  const { data } = (await asks('supervisor', 'GET', '/departments')) as {
    data: { id: string; name: string }[];
  };
  department = data.find(({ name }) => name === DEPARTMENT)?.id ?? '';
  await asks('admin', 'PATCH', `/departments/${department}`, {
    strategy: 'round_robin',
    offer_seconds: 60,
  });
});
afterAll(async () => {
  await asks('admin', 'PATCH', `/departments/${department}`, {
    strategy: 'pull',
    offer_seconds: 30,
  });
  await asks('admin', 'PATCH', attendance, { capacity: 5 });
});

/** The supervisor takes the conversation and passes it to the department's queue. */
async function pass(supervisor: Page, customer: Customer): Promise<void> {
  await list(supervisor, 'Todas');
  await row(supervisor, customer.name).click();
  await supervisor.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await supervisor.getByTestId('transfer').click();
  await supervisor.getByRole('dialog').getByRole('button', { name: DEPARTMENT }).click();
}

function offer(page: Page, customer: Customer) {
  return page.getByTestId('offer').filter({ hasText: customer.name });
}

it('asks one attendant, who takes it by a key', async () => {
  const [ana, supervisor] = await Promise.all([loggedIn('ana'), loggedIn('supervisor')]);
  await supervisor.keyboard.press('Shift+O');
  await supervisor.locator('[data-testid="availability"][data-state="away"]').waitFor();
  const nina = await Customer.called('Nina Oferta');
  await nina.says('Oi');
  await pass(supervisor, nina);
  await offer(ana, nina).waitFor();
  const left = (await offer(ana, nina).getByTestId('offer-left').textContent()) ?? '';
  const [minutes = 0, seconds = 0] = left.split(':').map(Number);
  expect(minutes * 60 + seconds).toBeGreaterThan(30);
  await ana.keyboard.press('y');
  await ana.getByTestId('customer-name').getByText(nina.name).waitFor();
  await offer(ana, nina).waitFor({ state: 'hidden' });
  await nina.receives('Agora você está falando com Ana.');

  // Whoever says no is not asked again at once; whoever is away is not asked at all.
  const olga = await Customer.called('Olga Oferta');
  await olga.says('Oi');
  await pass(supervisor, olga);
  await offer(ana, olga).getByTestId('reject-offer').click();
  await offer(ana, olga).waitFor({ state: 'hidden' });
  await ana.getByTestId('availability').click();
  await ana.getByRole('menuitem', { name: 'Em pausa' }).click();
  await ana.locator('[data-testid="availability"][data-state="away"]').waitFor();
  const paula = await Customer.called('Paula Oferta');
  await paula.says('Oi');
  await pass(supervisor, paula);
  await list(ana, 'Fila');
  await row(ana, paula.name).waitFor();
  expect(await offer(ana, paula).count()).toBe(0);

  // Back again, she is asked; the supervisor decides otherwise, which is told calmly.
  await ana.getByTestId('availability').click();
  await ana.getByRole('menuitem', { name: 'Disponível' }).click();
  await offer(ana, paula).waitFor();
  await list(supervisor, 'Fila');
  await row(supervisor, paula.name).click();
  await supervisor.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await ana.getByText('O pedido foi retirado').waitFor();
  await offer(ana, paula).waitFor({ state: 'hidden' });

  await supervisor.keyboard.press('Escape');
  await supervisor.keyboard.press('Shift+O');
  await supervisor.locator('[data-testid="availability"][data-state="available"]').waitFor();
  await close(ana, supervisor);
});
