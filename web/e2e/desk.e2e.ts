import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { asks, Customer, close, list, loggedIn, PAPO, row, withBrowser } from './stage';

withBrowser();

async function lead(page: Page, customer: Customer): Promise<void> {
  await customer.says('Oi');
  await list(page, 'Todas');
  await row(page, customer.name).click();
  await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  const input = page.getByTestId('message-input');
  await expect.poll(() => input.evaluate((at) => at === document.activeElement)).toBe(true);
  await page.keyboard.press('Escape');
}

async function label(name: string): Promise<{ id: string }> {
  return (await asks('supervisor', 'POST', '/labels', { name, colour: '#2f9e44' })) as {
    id: string;
  };
}

it('labels, puts off, marks and archives a conversation by the keyboard', async () => {
  const name = `Urgência ${Date.now()}`;
  const { id } = await label(name);
  const page = await loggedIn('ana');
  const sara = await Customer.called('Sara Ordem');
  await lead(page, sara);

  await page.keyboard.press('l');
  await page.getByRole('dialog').getByLabel(name).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
  await row(page, sara.name).getByText(name).waitFor();
  await page.goto(`${PAPO}/inbox?list=mine&label=${id}`);
  await row(page, sara.name).waitFor();
  expect(await page.getByTestId('conversation-row').count()).toBe(1);
  await page.getByRole('button', { name: `Tirar o filtro ${name}` }).click();

  await row(page, sara.name).click();
  await page.getByTestId('finish').waitFor();
  await page.keyboard.press('Shift+P');
  await page.getByRole('dialog').getByRole('button', { name: 'Alta' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('s');
  await page.getByRole('button', { name: 'Amanhã às 9h' }).click();
  await page.getByTestId('snoozed').waitFor();
  await row(page, sara.name).waitFor({ state: 'hidden' });
  await list(page, 'Adiadas');
  await row(page, sara.name).waitFor();
  // The customer's words bring it back.
  await sara.says('Ainda aí?');
  await row(page, sara.name).waitFor({ state: 'hidden' });
  await list(page, 'Minhas');
  await row(page, sara.name).waitFor();

  await page.keyboard.press('Shift+U');
  await row(page, sara.name).getByText('1 mensagem não lida').waitFor();
  await row(page, sara.name).click();
  await page.getByTestId('finish').click();
  await page.getByTestId('confirm-finish').click();
  await page.getByTestId('agent-indicator').getByText('✓ Encerrada').waitFor();
  await page.keyboard.press('Shift+E');
  await page.getByTestId('archived').waitFor();
  await list(page, 'Encerradas');
  await row(page, sara.name).waitFor({ state: 'hidden' });
  await list(page, 'Arquivadas');
  await row(page, sara.name).waitFor();
  await close(page);
  await asks('supervisor', 'DELETE', `/labels/${id}`);
});

it('does one thing to several conversations at once', async () => {
  const name = `Várias ${Date.now()}`;
  const { id } = await label(name);
  const page = await loggedIn('bruno');
  const all = [
    await Customer.called('Tito Vários'),
    await Customer.called('Ugo Vários'),
    await Customer.called('Vera Vários'),
  ] as const;
  for (const customer of all) await lead(page, customer);
  await list(page, 'Minhas');
  const [tito, ugo, vera] = all;
  await row(page, vera.name).click();
  await page.getByTestId('customer-name').getByText(vera.name).waitFor();
  await page.keyboard.press('x');
  await page.getByTestId('bulk').getByText('1 selecionada').waitFor();
  await page.keyboard.press('Shift+J');
  await page.keyboard.press('Shift+J');
  await page.getByTestId('bulk').getByText('3 selecionadas').waitFor();
  await page.getByTestId('bulk').getByRole('button', { name: 'Pôr etiquetas' }).click();
  await page.getByRole('dialog').getByLabel(name).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
  for (const { name: who } of [tito, ugo, vera]) await row(page, who).getByText(name).waitFor();

  await page.getByTestId('bulk').waitFor({ state: 'hidden' });
  await row(page, vera.name).click({ modifiers: ['Control'] });
  await row(page, tito.name).click({ modifiers: ['Shift'] });
  await page.getByTestId('bulk').getByRole('button', { name: 'Finalizar' }).click();
  for (const { name: who } of [tito, ugo, vera]) await row(page, who).waitFor({ state: 'hidden' });
  await close(page);
  await asks('supervisor', 'DELETE', `/labels/${id}`);
});
