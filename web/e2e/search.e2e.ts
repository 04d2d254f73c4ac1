import { expect, it } from 'vitest';
import { asks, Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

/** More than are loaded with the conversation. */
const SINCE = 70;

it('finds words said long ago from the inbox, and opens the conversation there', async () => {
  const page = await loggedIn('ana');
  const noa = await Customer.called('Noá Antiga');
  await noa.says('Oi');
  await list(page, 'Todas');
  await row(page, noa.name).click();
  await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await noa.says('Queria informações sobre o prazo do bordado');
  for (let number = 1; number <= SINCE; number += 1) await noa.says(`Depois ${number}`);
  await page.getByTestId('message').getByText(`Depois ${SINCE}`, { exact: true }).waitFor();
  const query = '/search/messages?q=informacoes%20bordados';
  const found = async () => ((await asks('ana', 'GET', query)) as { data: unknown[] }).data.length;
  await expect.poll(found, { timeout: 10_000 }).toBe(1);
  // As somebody who comes anew, with only the newest messages before them.
  await page.reload();
  await row(page, noa.name).waitFor();

  // No conversation has these words as they are: what was found in messages comes by itself.
  const search = page.getByRole('searchbox');
  await search.fill('informacoes bordados');
  const hit = page.getByTestId('hit');
  await hit.getByText('informações', { exact: true }).waitFor();
  expect(await hit.count()).toBe(1);
  expect(await hit.locator('mark').allTextContents()).toEqual(['informações', 'bordado']);
  await hit.click();
  const message = page.getByTestId('message').getByText('Queria informações sobre o prazo');
  await message.waitFor();
  await expect.poll(() => message.evaluate(seen)).toBe(true);
  await expect.poll(() => page.url()).not.toContain('message=');

  // Whose words they are can be said.
  await page.getByRole('combobox', { name: 'Escrita por' }).click();
  await page.getByRole('option', { name: 'Da equipe' }).click();
  await page.getByText('Nada encontrado para “informacoes bordados”').waitFor();
  // Names are found without their accents, among conversations.
  await search.fill(noa.name.replace('á', 'a'));
  await page.getByRole('radiogroup', { name: 'Onde procurar' }).getByText('Conversas').click();
  await row(page, noa.name).waitFor();
  await close(page);
});

/** Whether it stands between the edges of what scrolls. */
function seen(at: Element): boolean {
  const box = at.closest('[data-testid="message-list"]')?.getBoundingClientRect();
  const { top, bottom } = at.getBoundingClientRect();
  return box !== undefined && top >= box.top && bottom <= box.bottom;
}
