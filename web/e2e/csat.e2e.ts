import { afterAll, beforeAll, expect, it } from 'vitest';
import { asks, Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

const POLICY = '/tenants/current/policy';
const QUESTION = 'Como foi o atendimento?';
let before: object = {};

beforeAll(async () => {
  before = (await asks('admin', 'GET', POLICY)) as object;
  await asks('admin', 'PUT', POLICY, { ...before, csat: { enabled: true, question: QUESTION } });
});
afterAll(() => asks('admin', 'PUT', POLICY, before));

it('asks the customer at the end, and shows the answer beside the conversation', async () => {
  const page = await loggedIn('ana');
  const alba = await Customer.called('Alba Nota');
  await alba.says('atendente');
  await list(page, 'Fila');
  await row(page, alba.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await alba.receives('Agora você está falando com Ana.');
  await page.getByTestId('finish').click();
  await page.getByLabel('O que foi resolvido? (opcional)').fill('Boleto enviado');
  await page.getByTestId('confirm-finish').click();
  await page.getByTestId('agent-indicator').getByText('✓ Encerrada').waitFor();
  await expect.poll(() => alba.lastList(), { timeout: 20_000 }).toContain(QUESTION);
  await alba.says('5');
  const panel = page.getByRole('complementary', { name: 'Cliente' });
  await panel.getByRole('img', { name: 'Avaliação: 5 de 5' }).first().waitFor();
  await panel.getByTestId('earlier').getByText('Boleto enviado').waitFor();
  await close(page);
});
