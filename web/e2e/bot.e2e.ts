import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { asks, Customer, close, loggedIn, PAPO, withBrowser } from './stage';

withBrowser();

interface Flow {
  id: string;
  name: string;
  version: number;
  is_active: boolean;
  flow: { nodes: Record<string, unknown> };
}

const flows = async () => ((await asks('admin', 'GET', '/bot/flows')) as { data: Flow[] }).data;
const served = (await flows()).find(({ is_active }) => is_active);
if (!served) throw new Error('no flow serves');

/** Other tests speak to the flow that they know. */
afterEach(async () => {
  const now = (await flows()).find(({ id }) => id === served.id);
  const { name, flow } = served;
  await asks('admin', 'PUT', `/bot/flows/${served.id}`, {
    name,
    flow,
    version: now?.version,
    is_active: true,
  });
});

async function editor(page: Page): Promise<void> {
  await page.goto(`${PAPO}/bot`);
  await page.getByTestId('flow-standing').waitFor();
}

/** Writes what the first step says, and saves it. */
async function says(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Texto', exact: true }).first().fill(text);
  await page.getByTestId('phone-preview').getByText(text).waitFor();
  await page.getByTestId('save-bar').getByRole('button', { name: 'Salvar' }).click();
  await page.getByTestId('save-bar').waitFor({ state: 'hidden' });
}

it('a text of the flow is changed and seen on the phone', async () => {
  const page = await loggedIn('admin');
  await editor(page);
  await page.getByTestId('flow-standing').getByText('No ar').waitFor();
  await says(page, 'Boas-vindas à loja nova!');
  const joana = await Customer.called('Joana Fluxo');
  await joana.says('Oi');
  await joana.receives('Boas-vindas à loja nova!');
  await close(page);
});

it('a draft is rehearsed, tried on one phone, and published', async () => {
  const [kaua, lara] = [await Customer.called('Kauã Testa'), await Customer.called('Lara Segue')];
  await kaua.says('Oi');
  const before = async (customer: Customer) => (await customer.sees()).at(-1);
  await expect.poll(() => before(kaua), { timeout: 20_000 }).toBeTruthy();

  const page = await loggedIn('admin');
  await editor(page);
  await page.getByRole('button', { name: 'Copiar em rascunho' }).click();
  await page.getByTestId('flow-standing').getByText('rascunho').waitFor();
  await says(page, 'Este é o rascunho.');

  await page.getByText('Simular conversa', { exact: true }).click();
  await page.getByTestId('rehearsal-input').fill('Oi');
  await page.keyboard.press('Enter');
  const talk = page.getByRole('log', { name: 'Simular conversa' });
  await talk.getByText('Este é o rascunho.').waitFor();
  await talk.getByRole('button', { name: 'Encerrar' }).click();
  await page.getByTestId('rehearsal-end').getByText('O atendimento foi encerrado').waitFor();

  await page.getByRole('button', { name: 'Testar no celular' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Número do celular').fill(`+${kaua.wa_id}`);
  await dialog.getByRole('button', { name: 'Começar teste' }).click();
  await dialog.getByTestId('trial').getByText(kaua.name).waitFor();
  await kaua.says('menu');
  await kaua.receives('Este é o rascunho.');
  await lara.says('Oi');
  await expect.poll(() => before(lara), { timeout: 20_000 }).toBeTruthy();
  expect(await lara.sees()).not.toContain('Este é o rascunho.');
  await dialog.getByRole('button', { name: 'Encerrar testes' }).click();
  await dialog.getByTestId('trial').waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Publicar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publicar' }).click();
  await page.getByTestId('flow-standing').getByText('No ar').waitFor();
  await lara.says('menu');
  await lara.receives('Este é o rascunho.');
  await close(page);
});
