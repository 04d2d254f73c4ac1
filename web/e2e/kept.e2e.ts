import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Customer, close, fillLogin, list, loggedIn, row, withBrowser, write } from './stage';

withBrowser();

/** Ana leads a conversation with a new customer. */
async function leads(page: Page, name: string): Promise<Customer> {
  const customer = await Customer.called(name);
  await customer.says('Oi');
  await list(page, 'Todas');
  await row(page, customer.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await page.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
  return customer;
}

it('does nothing with the rest of a sentence whose conversation is taken away', async () => {
  const [ana, supervisor] = await Promise.all([loggedIn('ana'), loggedIn('supervisor')]);
  const vera = await leads(ana, 'Vera Frase');
  let taken = 0;
  await ana.route('**/handoffs/next', (route) => {
    taken += 1;
    return route.fulfill({ status: 204 });
  });
  const input = ana.getByTestId('message-input');
  await input.focus();
  let after = 0;
  const typing = (async () => {
    while (after < 20) {
      await ana.keyboard.type('q', { delay: 25 });
      if (!(await input.isVisible())) after += 1;
    }
  })();
  await list(supervisor, 'Todas');
  await row(supervisor, vera.name).click();
  await supervisor.getByRole('button', { name: 'Assumir de Ana' }).click();
  await typing;
  expect(taken).toBe(0);
  await close(ana, supervisor);
});

it('keeps why a conversation was closed until it is', async () => {
  const page = await loggedIn('ana');
  const ugo = await leads(page, 'Ugo Fim');
  await page.route('**/close', (route) => route.abort(), { times: 1 });
  await page.getByTestId('finish').click();
  const why = page.getByRole('dialog').getByRole('textbox');
  await why.fill('Boleto enviado');
  await page.getByTestId('confirm-finish').click();
  await page.getByRole('alert').first().waitFor();
  expect(await why.inputValue()).toBe('Boleto enviado');

  await page.reload();
  await page.getByTestId('finish').click();
  await expect.poll(() => why.inputValue()).toBe('Boleto enviado');
  await page.getByTestId('confirm-finish').click();
  await why.waitFor({ state: 'hidden' });
  await list(page, 'Encerradas');
  await row(page, ugo.name).waitFor();
  await close(page);
});

it('sends once what the end of a login has cut off', async () => {
  const page = await loggedIn('ana');
  const ivo = await leads(page, 'Ivo Sessão');
  await page.route('**/auth/refresh-token', (route) =>
    route.fulfill({ status: 401, json: { code: 'unauthorized', message: '' } }),
  );
  await page.route('**/messages', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 401, json: { code: 'token_expired', message: '' } })
      : route.continue(),
  );
  await write(page, 'Já volto');
  await page.getByLabel('Senha', { exact: true }).waitFor();
  await page.unrouteAll();
  await fillLogin(page, 'ana');
  await page.getByTestId('customer-name').getByText(ivo.name).waitFor();
  await ivo.receives('Já volto');
  expect((await ivo.sees()).filter((text) => text === 'Já volto')).toHaveLength(1);
  await close(page);
});
