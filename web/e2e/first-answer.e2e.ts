import { expect, it } from 'vitest';
import {
  Customer,
  close,
  DESK,
  fillLogin,
  list,
  loggedIn,
  PAPO,
  row,
  window,
  withBrowser,
  write,
} from './stage';

withBrowser();

it('from the first login to the first answer', async () => {
  const page = await window();
  await page.goto(`${PAPO}/?tenant=demo`);
  await fillLogin(page, 'ana', 'not the password');
  await page.getByTestId('error-message').getByText('Falha no login').waitFor();
  await fillLogin(page, 'ana');
  await page.getByTestId('user-menu').waitFor();

  await list(page, 'Todas');
  const clara = await Customer.called('Clara Primeira');
  await clara.says('Oi, tudo bem?');
  await row(page, clara.name).click();
  await page.getByTestId('message').getByText('Oi, tudo bem?').waitFor();
  await page.getByTestId('agent-indicator').getByText('🤖 Bot').waitFor();

  const input = page.getByTestId('message-input');
  expect(await input.isDisabled()).toBe(true);
  expect(await input.getAttribute('placeholder')).toBe(
    'Assuma o atendimento para enviar mensagens',
  );
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await page.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
  expect(await input.getAttribute('placeholder')).toBe('Digite sua mensagem...');

  await write(page, 'Olá, Clara! Em que posso ajudar?');
  await clara.receives('Olá, Clara! Em que posso ajudar?');
  await clara.looks();
  const mine = page.getByTestId('message').filter({ hasText: 'Em que posso ajudar?' });
  await mine.locator('[data-testid="ticks"][data-status="read"]').waitFor();
  expect(await mine.count()).toBe(1);

  await page.getByTestId('finish').click();
  await page.getByLabel('O que foi resolvido? (opcional)').fill('Dúvida respondida');
  await page.getByTestId('confirm-finish').click();
  await page.getByTestId('agent-indicator').getByText('✓ Encerrada').waitFor();
  await close(page);
});

it('keeps what is not sent, and who is logged in, through a reload', async () => {
  const page = await loggedIn('ana');
  const davi = await Customer.called('Davi Rascunho');
  await davi.says('Oi');
  await list(page, 'Todas');
  await row(page, davi.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  const input = page.getByTestId('message-input');
  await input.fill('Ainda estou escrev');
  await page.reload();
  await expect.poll(() => input.inputValue()).toBe('Ainda estou escrev');
  await row(page, davi.name).getByText('Rascunho:').waitFor();

  // The token ends in the middle: nobody notices, and nothing is lost.
  let refused = 0;
  await page.route('**/messages', (route) => {
    if (route.request().method() !== 'POST' || refused > 0) return route.continue();
    refused += 1;
    return route.fulfill({ status: 401, json: { code: 'token_expired', message: '' } });
  });
  await write(page, 'Agora sim');
  await davi.receives('Agora sim');
  expect(refused).toBe(1);
  await close(page);
});

it('is led by the keyboard alone', async () => {
  const page = await loggedIn('ana');
  const elisa = await Customer.called('Elisa Teclado');
  await elisa.says('Oi');
  await list(page, 'Bot');
  await row(page, elisa.name).waitFor();
  await page.locator('#content').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Próxima conversa').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  await page.keyboard.type(elisa.name.slice(6));
  await expect.poll(() => page.getByTestId('conversation-row').count()).toBe(1);
  await page.locator('#content').focus();
  await page.keyboard.press('j');
  await page.getByTestId('customer-name').getByText(elisa.name).waitFor();
  await page.keyboard.press('a');
  await page.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
  await expect
    .poll(() => page.getByTestId('message-input').evaluate((at) => at === document.activeElement))
    .toBe(true);
  await page.keyboard.type('Pelo teclado');
  await page.keyboard.press('Enter');
  await elisa.receives('Pelo teclado');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.keyboard.type('Só para nós');
  await page.keyboard.press('Enter');
  await page.getByTestId('note').getByText('Só para nós').waitFor();
  expect(await elisa.sees()).not.toContain('Só para nós');
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  await page.getByRole('dialog').getByRole('textbox').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByTestId('agent-indicator').getByText('✓ Encerrada').waitFor();
  await close(page);
});

it('is usable on a phone', async () => {
  const page = await loggedIn('bruno', { ...DESK, viewport: { width: 390, height: 780 } });
  const fabio = await Customer.called('Fábio Estreito');
  await fabio.says('Oi');
  await list(page, 'Todas');
  await row(page, fabio.name).click();
  await page.getByTestId('message').getByText('Oi', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await write(page, 'Do celular');
  await fabio.receives('Do celular');
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(wider).toBe(false);
  await page.getByRole('button', { name: 'Voltar para a lista' }).click();
  await row(page, fabio.name).waitFor();
  await close(page);
});
