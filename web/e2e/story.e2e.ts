import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  asks,
  Customer,
  close,
  EMULATOR,
  list,
  loggedIn,
  NUMBER,
  row,
  window,
  withBrowser,
  withoutPauses,
  write,
} from './stage';

withBrowser();
withoutPauses();

const POLICY = '/tenants/current/policy';
const QUESTION = 'De 1 a 5, como fomos?';
let policy: object = {};
let department = '';
let attendance = '';

beforeAll(async () => {
  policy = (await asks('admin', 'GET', POLICY)) as object;
  await asks('admin', 'PUT', POLICY, { ...policy, csat: { enabled: true, question: QUESTION } });
  const ana = (await asks('ana', 'GET', '/auth/me')) as { id: string };
  attendance = `/users/${ana.id}/attendance`;
  // What she leads of other tests must not fill her hands.
  await asks('admin', 'PATCH', attendance, { capacity: 100 });
  const { data } = (await asks('supervisor', 'GET', '/departments')) as {
    data: { id: string; name: string }[];
  };
  department = `/departments/${data.find(({ name }) => name === 'Suporte')?.id}`;
  await asks('admin', 'PATCH', department, { strategy: 'round_robin', offer_seconds: 60 });
});
afterAll(async () => {
  await asks('admin', 'PUT', POLICY, policy);
  await asks('admin', 'PATCH', department, { strategy: 'pull', offer_seconds: 30 });
  await asks('admin', 'PATCH', attendance, { capacity: 5 });
  for (const login of ['bruno', 'supervisor'] as const) {
    await asks(login, 'PUT', '/me/availability', { availability: 'available' });
  }
});

/** The customer's phone, in a window of its own. */
async function phoneOf(customer: Customer): Promise<Page> {
  const phone = await window({ viewport: { width: 390, height: 780 }, locale: 'pt-BR' });
  await phone.goto(`${EMULATOR}/#${NUMBER}/${customer.wa_id}`);
  return phone;
}

async function says(phone: Page, text: string): Promise<void> {
  await phone.getByRole('textbox', { name: 'Mensagem', exact: true }).fill(text);
  await phone.getByRole('button', { name: 'Enviar', exact: true }).click();
}

/** Somebody is away until they say otherwise. */
async function available(page: Page, state: 'available' | 'away'): Promise<void> {
  await page.locator('#content').focus();
  await page.keyboard.press('Shift+O');
  await page.locator(`[data-testid="availability"][data-state="${state}"]`).waitFor();
}

/** Types on until a colleague is shown it: a signal may come as they are still coming in. */
async function types(page: Page, text: string, onlooker: Page, shown: string): Promise<void> {
  const input = page.getByTestId('message-input');
  await expect
    .poll(
      async () => {
        await input.fill('');
        await input.pressSequentially(text, { delay: 20 });
        return onlooker.getByTestId('typing').textContent();
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toContain(shown);
}

it('tells the whole story of a request', async () => {
  const rosa = await Customer.called('Rosa Inteira');
  const [ana, bruno, supervisor, phone] = await Promise.all([
    loggedIn('ana'),
    loggedIn('bruno'),
    loggedIn('supervisor'),
    phoneOf(rosa),
  ]);
  const log = phone.getByRole('log');
  await available(bruno, 'away');
  await available(supervisor, 'away');

  // The bot asks what it is about, and who can help.
  await says(phone, 'Oi');
  await log.getByRole('button', { name: 'Falar com atendente' }).click();
  await log.getByRole('button', { name: 'Suporte' }).click();
  const offer = ana.getByTestId('offer').filter({ hasText: rosa.name });
  await offer.getByTestId('accept-offer').click();
  await ana.getByTestId('customer-name').getByText(rosa.name).waitFor();
  await offer.waitFor({ state: 'hidden' });
  await log.getByText('Agora você está falando com Ana.').waitFor();
  await says(phone, 'Meu pedido chega hoje?');
  await ana.getByTestId('message').getByText('Meu pedido chega hoje?').waitFor();

  // Both have it before them, and each sees that the other types.
  await list(supervisor, 'Equipe');
  await row(supervisor, rosa.name).click();
  await supervisor.getByTestId('message').getByText('Meu pedido chega hoje?').waitFor();
  await ana.getByRole('img', { name: 'Supervisão está vendo' }).waitFor();
  await types(ana, 'Chega hoje, sim.', supervisor, 'Ana está digitando');
  await supervisor.locator('#content').focus();
  await supervisor.keyboard.press('n');
  await types(supervisor, 'Cuidado: o caminhão quebrou', ana, 'Supervisão está digitando');
  await supervisor.keyboard.press('Enter');
  await ana.getByTestId('note').getByText('Cuidado: o caminhão quebrou').waitFor();
  await ana.getByTestId('typing').getByText('Supervisão está digitando').waitFor({
    state: 'hidden',
  });

  // What Ana sends stays on its way; meanwhile the supervisor is faster.
  let go = () => {};
  const held = new Promise<void>((resume) => {
    go = resume;
  });
  await ana.route('**/messages', async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  await ana.getByTestId('send-button').click();
  await ana.getByTestId('pending').getByText('Chega hoje, sim.').waitFor();
  await ana.getByTestId('message-input').fill('E o frete é grátis.');
  await supervisor.keyboard.press('Escape');
  await supervisor.getByRole('button', { name: 'Assumir de Ana' }).click();
  await ana.getByText('Esta conversa não está mais visível para você').waitFor();
  const left = ana.getByTestId('left-words');
  await left.getByText('Chega hoje, sim.').waitFor();
  await left.getByText('E o frete é grátis.').waitFor();
  await log.getByText('Agora você está falando com Supervisão.').waitFor();
  await write(supervisor, 'Só amanhã, Rosa.');
  await log.getByText('Só amanhã, Rosa.').waitFor();
  await supervisor.getByTestId('transfer').click();
  await supervisor
    .getByLabel('Observação para quem recebe (opcional)')
    .fill('Já expliquei o atraso');
  await supervisor
    .getByRole('dialog')
    .getByRole('button', { name: /\bAna\b/ })
    .click();

  // It is hers again, with what was said; what she sent before is held back, and nothing is lost.
  await ana.getByTestId('message').getByText('Só amanhã, Rosa.').waitFor();
  await ana.getByRole('complementary').getByText('Já expliquei o atraso').waitFor();
  go();
  const pending = ana.getByTestId('pending');
  await pending.getByText('Chegaram mensagens novas antes desta').waitFor();
  await pending.getByTestId('came').getByText('Só amanhã, Rosa.').waitFor();
  await pending.getByRole('button', { name: 'Voltar a editar' }).click();
  const input = ana.getByTestId('message-input');
  await expect.poll(() => input.inputValue()).toBe('Chega hoje, sim.\nE o frete é grátis.');
  await write(ana, 'E o frete é grátis.');
  await log.getByText('E o frete é grátis.').waitFor();
  expect(await log.getByText('Chega hoje, sim.').count()).toBe(0);

  // Bruno is back, and goes on from here.
  await available(bruno, 'available');
  await ana.getByTestId('transfer').click();
  await ana.getByLabel('Observação para quem recebe (opcional)').fill('Quer a segunda via');
  await ana.getByRole('dialog').getByRole('button', { name: 'Bruno' }).click();
  await row(ana, rosa.name).waitFor({ state: 'hidden' });
  await list(bruno, 'Minhas');
  await row(bruno, rosa.name).click();
  await bruno.getByRole('complementary').getByText('Quer a segunda via').waitFor();
  await bruno.getByTestId('message').getByText('E o frete é grátis.').waitFor();
  await write(bruno, 'Segue a segunda via.');
  await log.getByText('Segue a segunda via.').waitFor();
  await says(phone, 'Recebi, obrigada!');
  await bruno.getByTestId('message').getByText('Recebi, obrigada!').waitFor();
  await bruno.getByTestId('finish').click();
  await bruno.getByLabel('O que foi resolvido? (opcional)').fill('Segunda via enviada');
  await bruno.getByTestId('confirm-finish').click();
  await bruno.getByTestId('agent-indicator').getByText('✓ Encerrada').waitFor();

  // The customer is asked, and says it by a tap.
  const asked = log.locator('.row').filter({ hasText: QUESTION });
  await asked.locator('button.choice').click();
  const sheet = phone.getByRole('dialog');
  await sheet.getByRole('radio').first().check();
  await sheet.getByRole('button', { name: 'Enviar' }).click();
  const panel = bruno.getByRole('complementary', { name: 'Cliente' });
  await panel.getByRole('img', { name: 'Avaliação: 5 de 5' }).first().waitFor();
  await panel.getByTestId('earlier').getByText('Segunda via enviada').waitFor();
  await close(ana, bruno, supervisor, phone);
}, 180_000);
