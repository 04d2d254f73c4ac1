import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

async function attach(page: Page, what: string): Promise<void> {
  await page.getByTestId('attach').click();
  await page.getByRole('menuitem', { name: what }).click();
  await page.getByRole('dialog').waitFor();
}

it('sends a place and people, and shows those of the customer', async () => {
  const page = await loggedIn('ana');
  const rosa = await Customer.called('Rosa Lugares');
  await rosa.says('Oi');
  await list(page, 'Todas');
  await row(page, rosa.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await rosa.receives('Agora você está falando com Ana.');

  await attach(page, 'Localização');
  const where = page.getByTestId('place');
  await where.fill('https://maps.app.goo.gl/abc');
  await page.getByTestId('send-location').click();
  await page.getByText('Não há coordenadas aqui.').waitFor();
  await where.fill('https://www.google.com/maps/@-26.3044,-48.8456,17z');
  await page.getByLabel('Nome do lugar (opcional)').fill('Loja do Centro');
  await page.getByTestId('send-location').click();
  const place = page.getByTestId('message').filter({ hasText: 'Loja do Centro' });
  await place.getByRole('link', { name: 'Abrir no mapa' }).waitFor();
  await expect.poll(async () => (await rosa.got('location')).length).toBe(1);
  expect((await rosa.got('location'))[0]?.message).toMatchObject({
    location: { latitude: -26.3044, longitude: -48.8456, name: 'Loja do Centro' },
  });

  await attach(page, 'Contato');
  await page.getByTestId('send-contacts').click();
  await page.getByText('Escreva o nome').waitFor();
  await page.getByText('Escreva o telefone com DDD').waitFor();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Nome').fill('Oficina do Zé');
  await dialog.getByLabel('Telefone').fill('(47) 99999-0001');
  await page.getByRole('button', { name: 'Mais um contato' }).click();
  const second = page.getByRole('group', { name: 'Contato 2' });
  await second.getByLabel('Nome').fill('Portaria');
  await second.getByLabel('Telefone').fill('4733330001');
  await page.getByTestId('send-contacts').click();
  await page.getByTestId('message').filter({ hasText: 'Portaria' }).waitFor();
  await expect.poll(async () => (await rosa.got('contacts')).length).toBe(1);
  expect((await rosa.got('contacts'))[0]?.message).toMatchObject({
    contacts: [
      { name: { formatted_name: 'Oficina do Zé' }, phones: [{ phone: '+5547999990001' }] },
      { name: { formatted_name: 'Portaria' }, phones: [{ phone: '+554733330001' }] },
    ],
  });

  await rosa.tells('location', { latitude: -26.3, longitude: -48.84, name: 'Minha casa' });
  const home = page.getByTestId('message').filter({ hasText: 'Minha casa' });
  await home.waitFor();
  expect(await home.getByText('Minha casa').count()).toBe(1);
  await close(page);
});
