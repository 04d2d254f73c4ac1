import { expect, it } from 'vitest';
import { Customer, close, EMULATOR, loggedIn, NUMBER, window, withBrowser } from './stage';

withBrowser();

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

it('the phone sends and shows files, answers and reactions', async () => {
  const fabio = await Customer.called('Fábio');
  const page = await window();
  await page.goto(`${EMULATOR}/#${NUMBER}/${fabio.wa_id}`);
  const log = page.getByRole('log');

  await page.getByRole('textbox', { name: 'Mensagem', exact: true }).fill('Olha isto');
  await page
    .locator('#pick')
    .setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: PIXEL });
  const picture = log.getByRole('img', { name: 'Olha isto' });
  await picture.waitFor();
  await expect
    .poll(() => picture.evaluate((node) => (node as HTMLImageElement).naturalWidth))
    .toBe(1);
  const [sent] = await fabio.sent('image');
  expect(sent?.message.image).toMatchObject({ caption: 'Olha isto', mime_type: 'image/png' });

  await page
    .locator('#pick')
    .setInputFiles({ name: 'nota.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-') });
  const document = log.getByRole('link', { name: /nota\.pdf/ });
  expect(await document.getAttribute('download')).toBe('nota.pdf');

  // Papo answers, and the customer reacts to the answer and answers it.
  const answer = log.locator('.row:not(.mine)').first();
  await answer.waitFor();
  await answer.hover();
  await answer.getByRole('button', { name: 'Responder ou reagir' }).click();
  await page.getByRole('button', { name: 'Reagir com 👍' }).click();
  await answer.locator('.reaction').getByText('👍').waitFor();
  await answer.hover();
  await answer.getByRole('button', { name: 'Responder ou reagir' }).click();
  await page.getByRole('button', { name: 'Responder', exact: true }).click();
  await page.getByRole('textbox', { name: 'Mensagem', exact: true }).fill('É sobre esta');
  await page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await log.locator('.mine .quote').waitFor();
  const [words] = await fabio.sent('text');
  const [reaction] = await fabio.sent('reaction');
  expect(words?.message.context).toMatchObject({ id: reaction?.message.reaction?.message_id });
  await close(page);
});

it('the dashboard shows the way to the phone, where there is one', async () => {
  const page = await loggedIn('ana');
  const link = page.getByTestId('phone');
  await page.getByTestId('user-menu').click();
  await link.waitFor();
  expect(await link.textContent()).toBe('Celular do cliente');
  const [apart] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await expect.poll(() => apart.url()).toBe(`${EMULATOR}/`);
  await apart.close();
  await page.keyboard.press('Control+K');
  await page.getByRole('textbox', { name: 'Buscar ou ir para…' }).fill('celular');
  const [again] = await Promise.all([
    page.context().waitForEvent('page'),
    page.keyboard.press('Enter'),
  ]);
  await expect.poll(() => again.url()).toBe(`${EMULATOR}/`);
  await again.close();

  // As a server says it that was not told of a phone.
  await page.route('**/api/v1/auth/me', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), phone_url: null } });
  });
  await page.reload();
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: 'Sair' }).waitFor();
  expect(await link.count()).toBe(0);
  await close(page);
});
