import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { close, fillLogin, loggedIn, PAPO, withBrowser } from './stage';

withBrowser();

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app shows now (RFC 6238: SHA-1, 30 seconds, six digits). */
function codeOf(secret: string): string {
  const bits = [...secret].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(step).digest();
  const at = digest.readUInt8(19) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

it('a second factor is set up, asked for, and given up', async () => {
  const page = await loggedIn('bruno');
  await page.goto(`${PAPO}/profile`);
  await page.getByRole('button', { name: 'Ativar' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Senha atual').fill(process.env.PAPO_DEMO_PASSWORD ?? '');
  await dialog.getByRole('button', { name: 'Ativar' }).click();
  await page.getByRole('img', { name: 'Código QR para o aplicativo autenticador' }).waitFor();
  const secret = (await dialog.locator('code').textContent()) ?? '';
  await dialog.getByLabel('Código de seis dígitos do aplicativo').fill(codeOf(secret));
  await dialog.getByRole('button', { name: 'Confirmar e ativar' }).click();
  await page.getByText('Guarde seus códigos de recuperação').waitFor();
  const [first, second] = await page.getByRole('dialog').locator('code').allTextContents();
  expect(second).toBeTruthy();
  await page.getByRole('button', { name: 'Já guardei' }).click();

  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: 'Sair' }).click();
  await fillLogin(page, 'bruno');
  const code = page.getByTestId('code-input');
  await code.fill('12');
  await page.getByTestId('verify-button').click();
  await page.getByTestId('error-message').waitFor();
  await page.getByRole('button', { name: 'Perdi o autenticador' }).click();
  await code.fill(first ?? '');
  await page.getByTestId('verify-button').click();
  await page.getByTestId('user-menu').waitFor();

  await page.goto(`${PAPO}/profile`);
  await page.getByRole('button', { name: 'Desativar' }).click();
  await dialog.getByLabel('Senha atual').fill(process.env.PAPO_DEMO_PASSWORD ?? '');
  await dialog.getByLabel('Código do aplicativo ou de recuperação').fill(second ?? '');
  await dialog.getByRole('button', { name: 'Desativar' }).click();
  await page.getByRole('button', { name: 'Ativar', exact: true }).waitFor();
  await close(page);
});
