import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import {
  approve,
  Customer,
  close,
  list,
  loggedIn,
  PAPO,
  readTemplates,
  row,
  withBrowser,
  withoutPauses,
  write,
} from './stage';

withBrowser();
withoutPauses();

/** Of this run alone. */
const STAMP = Date.now();
const ORDER = `pedido_${STAMP}`;

beforeAll(async () => {
  await approve(ORDER, 'Olá, {{1}}! O seu pedido chega {{2}}.');
  await readTemplates(ORDER);
});

/** A conversation that Ana leads, where the customer wrote so many hours ago. */
async function leads(page: Page, customer: Customer, hours: number): Promise<void> {
  await customer.said('Ainda tem?', hours);
  await list(page, 'Todas');
  await row(page, customer.name).click();
  await page.getByTestId('message').getByText('Ainda tem?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await page.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
}

/** Chooses the template, and fills it in. */
async function fills(page: Page, first: string, second: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('template-search').fill(ORDER);
  await expect.poll(() => dialog.getByTestId('template').count()).toBe(1);
  await dialog.getByTestId('template').filter({ hasText: ORDER }).click();
  await dialog.getByLabel('Valor 1').fill(first);
  await dialog.getByLabel('Valor 2').fill(second);
}

it('shows the templates of the account, and reads them anew', async () => {
  const page = await loggedIn('admin');
  await page.goto(`${PAPO}/templates`);
  const rows = page.getByTestId('template-row');
  await rows.first().waitFor();
  const name = `aviso_${STAMP}`;
  await approve(name, 'A loja abre amanhã às nove, {{1}}.');
  await page.getByTestId('sync-templates').click();
  await page.getByText('Os modelos estão sendo lidos').waitFor();
  const found = rows.filter({ hasText: name });
  await found.getByText('Aprovado').waitFor();
  await found.getByText('Utilidade').waitFor();
  await page.getByRole('searchbox', { name: 'Buscar pelo nome' }).fill(name);
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole('button', { name: `Ver o modelo ${name}` }).click();
  const shown = page.getByRole('dialog', { name });
  await shown.getByText('A loja abre amanhã às nove, {{1}}.').waitFor();
  await page.keyboard.press('Escape');
  await shown.waitFor({ state: 'hidden' });
  await page.getByRole('combobox', { name: 'Situação' }).click();
  await page.getByRole('option', { name: 'Recusado' }).click();
  await page.getByText('Nenhum modelo assim').waitFor();
  await close(page);
});

it('offers templates where the window is closed, and free text when the customer writes', async () => {
  const page = await loggedIn('ana');
  const vilma = await Customer.called('Vilma Ontem');
  await leads(page, vilma, 25);
  await page.getByTestId('window-closed').waitFor();
  const input = page.getByTestId('message-input');
  expect(await input.isDisabled()).toBe(true);

  await page.getByTestId('use-template').click();
  const dialog = page.getByRole('dialog', { name: 'Escolha um modelo' });
  await fills(page, 'Vilma', '');
  await dialog.getByTestId('send-template').click();
  await dialog.getByText('Preencha este valor').waitFor();
  await dialog.getByLabel('Valor 2').fill('amanhã');
  const words = 'Olá, Vilma! O seu pedido chega amanhã.';
  await dialog.getByTestId('template-preview').getByText(words).waitFor();
  await dialog.getByTestId('send-template').click();
  await dialog.waitFor({ state: 'hidden' });
  await vilma.receives(words);
  const mine = page.getByTestId('message').filter({ hasText: words });
  await mine.waitFor();
  await page.getByTestId('pending').waitFor({ state: 'hidden' });
  expect(await mine.count()).toBe(1);

  await vilma.says('Que bom!');
  await page.getByTestId('window-closed').waitFor({ state: 'hidden' });
  await write(page, 'Até amanhã, Vilma.');
  await vilma.receives('Até amanhã, Vilma.');

  // A template can be said now, too, and by the keyboard alone.
  await page.keyboard.press('Escape');
  await page.keyboard.press('m');
  await dialog.getByTestId('template-search').fill(ORDER);
  await expect.poll(() => dialog.getByTestId('template').count()).toBe(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Valor 1').waitFor();
  await page.keyboard.type('dona Vilma');
  await page.keyboard.press('Tab');
  await page.keyboard.type('às dez');
  await page.keyboard.press('Enter');
  await vilma.receives('Olá, dona Vilma! O seu pedido chega às dez.');
  await close(page);
});

it('offers templates where the window closed while somebody wrote', async () => {
  const page = await loggedIn('ana');
  const ivo = await Customer.called('Ivo Atraso');
  // By this machine's clock, which is slow, there is time left.
  await page.clock.setFixedTime(Date.now() - 2 * 3_600_000);
  await page.reload();
  await leads(page, ivo, 25);
  await write(page, 'Chegou hoje!');
  const dialog = page.getByRole('dialog', { name: 'Escolha um modelo' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  const pending = page.getByTestId('pending');
  await pending.getByText('Não enviada').waitFor();
  await pending.getByRole('button', { name: 'Voltar a editar' }).click();
  expect(await page.getByTestId('message-input').inputValue()).toBe('Chegou hoje!');
  expect(await ivo.sees()).toEqual([]);
  await close(page);
});

it('writes to somebody first, and leaves a colleague’s customer alone', async () => {
  const [ana, bruno] = await Promise.all([loggedIn('ana'), loggedIn('bruno')]);
  const abel = await Customer.called('Abel Novo');
  await ana.locator('#content').focus();
  await ana.keyboard.press('c');
  const dialog = ana.getByRole('dialog', { name: 'Nova conversa' });
  await dialog.getByTestId('new-phone').pressSequentially('47');
  await dialog.getByLabel('Nome (opcional)').fill(abel.name);
  await fills(ana, 'Abel', 'hoje');
  await dialog.getByTestId('start-conversation').click();
  await dialog.getByText('Escreva o telefone com DDD').waitFor();
  await dialog.getByTestId('new-phone').fill('');
  await dialog.getByTestId('new-phone').pressSequentially(abel.wa_id.slice(2));
  await dialog.getByTestId('start-conversation').click();
  await abel.receives('Olá, Abel! O seu pedido chega hoje.');
  await dialog.waitFor({ state: 'hidden' });
  await ana.getByTestId('customer-name').getByText(abel.name).waitFor();
  await ana.getByTestId('message').getByText('Olá, Abel! O seu pedido chega hoje.').waitFor();
  await ana.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
  await ana.getByTestId('window-closed').waitFor();
  await abel.says('Quem fala?');
  await ana.getByTestId('message').getByText('Quem fala?').waitFor();
  await write(ana, 'É a Ana, da loja.');
  await abel.receives('É a Ana, da loja.');

  await bruno.getByTestId('new-conversation').click();
  const other = bruno.getByRole('dialog', { name: 'Nova conversa' });
  await other.getByTestId('new-phone').pressSequentially(abel.wa_id.slice(2));
  await fills(bruno, 'Abel', 'ontem');
  await other.getByTestId('start-conversation').click();
  await other.getByTestId('led-already').getByText('Ana já atende este cliente').waitFor();
  expect(await abel.sees()).not.toContain('Olá, Abel! O seu pedido chega ontem.');
  await close(ana, bruno);
});
