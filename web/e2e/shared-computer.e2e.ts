import { expect, it } from 'vitest';
import { Customer, close, fillLogin, list, loggedIn, row, withBrowser, write } from './stage';

withBrowser();

it('whoever logs in after somebody reads nothing of what that one read', async () => {
  const page = await loggedIn('ana');
  const lia = await Customer.called('Lia Reservada');
  await lia.says('Meu laudo deu alterado');
  await list(page, 'Todas');
  await row(page, lia.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await write(page, 'Só nós duas sabemos.');
  await lia.receives('Só nós duas sabemos.');
  const address = page.url();

  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: 'Sair' }).click();
  // What stays on the page from now on is Bruno's to see.
  const seen: string[] = [];
  await page.exposeFunction('seen', (text: string) => seen.push(text));
  await page.addInitScript(() => {
    const { seen } = window as unknown as { seen: (text: string) => void };
    new MutationObserver(() => seen(document.body?.textContent ?? '')).observe(document, {
      childList: true,
      subtree: true,
    });
  });
  await fillLogin(page, 'bruno');
  await page.getByTestId('user-menu').getByText('Bruno').first().waitFor();
  await page.goto(address);
  await page.getByText('Esta conversa não está mais visível para você').waitFor();
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.join()).not.toContain('laudo');
  expect(seen.join()).not.toContain('Só nós duas');
  await close(page);
});
