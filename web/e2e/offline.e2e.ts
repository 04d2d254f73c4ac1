import type { WebSocketRoute } from 'playwright-core';
import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, row, withBrowser, write } from './stage';

withBrowser();

it('a connection is cut, and catches up without losing or doubling anything', async () => {
  const page = await loggedIn('ana');
  let cut = false;
  let socket: WebSocketRoute | undefined;
  await page.routeWebSocket('**/ws**', (route) => {
    if (cut) {
      void route.close({ code: 1001 });
      return;
    }
    socket = route;
    route.connectToServer();
  });
  await page.route('**/api/**', (route) => (cut ? route.abort() : route.continue()));
  await page.reload();

  const julia = await Customer.called('Júlia Corte');
  await julia.says('Primeira');
  await list(page, 'Todas');
  await row(page, julia.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await page.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();

  cut = true;
  await socket?.close({ code: 1001 });
  await page.getByTestId('offline-banner').waitFor();
  for (const text of ['Segunda', 'Terceira', 'Quarta']) await julia.says(text);
  await write(page, 'Escrito sem rede');
  await page.getByTestId('pending').getByText('Escrito sem rede').waitFor();
  expect(await page.getByText('Quarta').count()).toBe(0);

  cut = false;
  await page.getByTestId('message').getByText('Quarta').waitFor();
  await page.getByTestId('offline-banner').waitFor({ state: 'hidden' });
  for (const text of ['Primeira', 'Segunda', 'Terceira', 'Quarta']) {
    expect(await page.getByTestId('message').getByText(text, { exact: true }).count()).toBe(1);
  }
  // The customer said something meanwhile, which its writer could not know.
  const pending = page.getByTestId('pending');
  await pending.getByRole('button', { name: 'Enviar mesmo assim' }).click();
  await julia.receives('Escrito sem rede');
  await pending.waitFor({ state: 'hidden' });
  const received = (await julia.sees()).filter((text) => text === 'Escrito sem rede');
  expect(received).toHaveLength(1);
  expect(await page.getByTestId('message').getByText('Escrito sem rede').count()).toBe(1);
  await close(page);
});
