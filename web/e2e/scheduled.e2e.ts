import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import {
  approve,
  asks,
  Customer,
  close,
  list,
  loggedIn,
  readTemplates,
  row,
  withBrowser,
  withoutPauses,
} from './stage';

withBrowser();
withoutPauses();

async function lead(page: Page, customer: Customer): Promise<void> {
  await customer.says('Oi');
  await list(page, 'Todas');
  await row(page, customer.name).click();
  await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await customer.receives('Agora você está falando com Ana.');
}

/** Writes it, to be sent when people are at work again. */
async function writesForLater(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text);
  await page.getByTestId('send-later').click();
  const dialog = page.getByRole('dialog', { name: 'Enviar depois' });
  await dialog.getByText(text).waitFor();
  await dialog.getByRole('button', { name: 'Amanhã às 9h' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

const soon = () => new Date(Date.now() + 2_000).toISOString();

/** What is to be sent some day is sent in a moment, whatever was picked: days are not waited for. */
async function hasten(page: Page): Promise<void> {
  await page.route('**/scheduled-messages**', (route) => {
    const request = route.request();
    if (!['POST', 'PATCH'].includes(request.method())) return route.continue();
    const postData = JSON.stringify({ ...request.postDataJSON(), send_at: soon() });
    return route.continue({ postData });
  });
}

it('is written now and said later, changed and taken back', async () => {
  const page = await loggedIn('ana');
  const sonia = await Customer.called('Sônia Depois');
  await lead(page, sonia);
  await writesForLater(page, 'O boleto vence hoje.');
  await expect.poll(() => page.getByTestId('message-input').inputValue()).toBe('');
  const strip = page.getByTestId('scheduled-strip');
  await strip.getByText('1 mensagem programada').waitFor();

  await strip.click();
  const dialog = page.getByRole('dialog', { name: 'Mensagens programadas' });
  const item = dialog.getByTestId('scheduled');
  await item.getByText('O boleto vence hoje.').waitFor();
  await item.getByRole('button', { name: /^Editar a mensagem de/ }).click();
  await item.getByLabel('Data e hora').fill('2000-01-01T10:00');
  await item.getByText('Escolha uma hora nos próximos 90 dias').waitFor();
  expect(await item.getByRole('button', { name: 'Salvar' }).isDisabled()).toBe(true);
  const at = new Date(Date.now() + 3 * 86_400_000);
  const date = at.toISOString().slice(0, 10);
  await item.getByLabel('Data e hora').fill(`${date}T10:30`);
  await item.getByLabel('Mensagem').fill('O boleto vence em três dias.');
  await item.getByRole('button', { name: 'Salvar' }).click();
  await item.getByText('O boleto vence em três dias.').waitFor();
  const [year, month, day] = date.split('-');
  await item.getByText(`${day}/${month}/${year}, 10:30`).waitFor();

  // It stands there after a reload, and among all that is Ana's.
  await page.reload();
  await dialog.getByText('O boleto vence em três dias.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByTestId('more-lists').click();
  await page.getByTestId('scheduled-mine').click();
  const all = page.getByRole('dialog', { name: 'Minhas mensagens programadas' });
  const mine = all.getByTestId('scheduled').filter({ hasText: sonia.name });
  await mine.getByText('O boleto vence em três dias.').waitFor();
  await mine.getByRole('button', { name: /^Cancelar envio da mensagem de/ }).click();
  await page.getByText('A mensagem não será enviada').waitFor();
  await mine.waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await strip.waitFor({ state: 'hidden' });
  expect(await sonia.sees()).not.toContain('O boleto vence em três dias.');
  await close(page);
});

it('is sent at its time, words and templates', async () => {
  const name = `lembrete_${Date.now()}`;
  await approve(name, 'Lembrete: {{1}}.');
  await readTemplates(name);
  const page = await loggedIn('ana');
  const rui = await Customer.called('Rui Pontual');
  await lead(page, rui);
  await hasten(page);
  await writesForLater(page, 'A loja abriu.');
  await rui.receives('A loja abriu.');
  const said = page.getByTestId('message').filter({ hasText: 'A loja abriu.' });
  await said.getByText('👤 Ana').waitFor();
  await page.getByTestId('scheduled-strip').waitFor({ state: 'hidden' });

  await page.getByTestId('template-button').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('template-search').fill(name);
  await dialog.getByTestId('template').filter({ hasText: name }).click();
  await dialog.getByLabel('Valor 1').fill('consulta às três');
  await dialog.getByRole('button', { name: 'Enviar depois' }).click();
  // Whoever goes back finds it as it was.
  const later = page.getByRole('dialog', { name: 'Enviar depois' });
  await later.getByText('Lembrete: consulta às três.').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => dialog.getByLabel('Valor 1').inputValue()).toBe('consulta às três');
  await dialog.getByRole('button', { name: 'Enviar depois' }).click();
  await later.getByRole('button', { name: 'Amanhã às 9h' }).click();
  await rui.receives('Lembrete: consulta às três.');
  await page.getByTestId('message').getByText('Lembrete: consulta às três.').waitFor();
  await page.getByTestId('scheduled-strip').waitFor({ state: 'hidden' });
  await close(page);
});

it('tells its author why it was not sent', async () => {
  const page = await loggedIn('ana');
  const tina = await Customer.called('Tina Largada');
  await lead(page, tina);
  await writesForLater(page, 'Volto a falar amanhã.');
  await page.getByTestId('scheduled-strip').waitFor();
  await page.getByRole('button', { name: 'Mais ações' }).click();
  await page.getByRole('menuitem', { name: 'Devolver ao bot' }).click();
  await page.getByTestId('agent-indicator').getByText('🤖 Bot').waitFor();
  const { data } = (await asks('ana', 'GET', '/scheduled-messages?state=scheduled')) as {
    data: { id: string; customer_name: string }[];
  };
  const id = data.find(({ customer_name }) => customer_name === tina.name)?.id;
  await asks('ana', 'PATCH', `/scheduled-messages/${id}`, { send_at: soon() });

  await page.getByText('Uma mensagem programada não foi enviada').waitFor();
  await page.getByTestId('bell').click();
  await page.getByTestId('notice').filter({ hasText: tina.name }).click();
  const dialog = page.getByRole('dialog', { name: 'Mensagens programadas' });
  const item = dialog.getByTestId('scheduled');
  await item.getByText('Volto a falar amanhã.').waitFor();
  await item.getByText('A conversa não estava mais com você.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('scheduled-strip').waitFor({ state: 'hidden' });
  expect(await tina.sees()).not.toContain('Volto a falar amanhã.');
  await close(page);
});
