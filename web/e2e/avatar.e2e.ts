import { expect, it } from 'vitest';
import { asks, close, loggedIn, PAPO, withBrowser } from './stage';

withBrowser();

/** One dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

it('somebody changes their name and picture, and everybody sees them', async () => {
  const page = await loggedIn('bruno');
  await page.goto(`${PAPO}/profile`);
  const input = page.locator('input[type=file]');
  await input.setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.getByText('Escolha uma imagem PNG, JPEG ou WebP').waitFor();
  await input.setInputFiles({ name: 'eu.png', mimeType: 'image/png', buffer: PNG });
  const shown = page.getByTestId('user-menu').locator('img');
  await shown.waitFor();
  const width = await shown.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    return image.naturalWidth;
  });
  expect(width).toBe(1);

  const name = page.getByRole('textbox', { name: 'Nome', exact: true });
  const before = await name.inputValue();
  await name.fill('Bruno Renomeado');
  await name.press('Enter');
  await page.getByText('Alterações salvas').first().waitFor();
  const { full_name } = (await asks('bruno', 'GET', '/auth/me')) as { full_name: string };
  expect(full_name).toBe('Bruno Renomeado');

  await page.getByRole('button', { name: 'Remover foto' }).click();
  await shown.waitFor({ state: 'detached' });
  await close(page);
  await asks('bruno', 'PATCH', '/me', { full_name: before });
});
