import { expect, it } from 'vitest';
import { asks, close, loggedIn, PAPO, withBrowser } from './stage';

withBrowser();

/** One dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

it('a picture that somebody uploaded is shown', async () => {
  const login = await fetch(`${PAPO}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tenant-slug': 'demo' },
    body: JSON.stringify({
      email: 'bruno@example.com',
      password: process.env.PAPO_DEMO_PASSWORD ?? '',
    }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const put = await fetch(`${PAPO}/api/v1/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'image/png' },
    body: PNG,
  });
  expect(put.status).toBe(200);

  const page = await loggedIn('bruno');
  const shown = page.getByTestId('user-menu').locator('img');
  await shown.waitFor();
  const width = await shown.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    return image.naturalWidth;
  });
  expect(width).toBe(1);
  await close(page);
  await asks('bruno', 'DELETE', '/me/avatar');
});
