import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { addresses, furnish, open } from './pages';
import { Customer, close, DESK, list, loggedIn, PAPO, row, window, withBrowser } from './stage';

withBrowser();

interface Found {
  id: string;
  impact: string | null;
  nodes: { target: unknown; failureSummary?: string }[];
}

/** What a scan finds that keeps people out. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    // biome-ignore lint/suspicious/noExplicitAny: the scan has put itself into the page.
    async () => (await (globalThis as any).axe.run()).violations,
  )) as Found[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
    );
}

/** Whether the page must be moved sideways to be read. */
function tooWide(page: Page): Promise<boolean> {
  return page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
}

const SIZES = { desk: DESK.viewport, phone: { width: 390, height: 844 } };

for (const colorScheme of ['light', 'dark'] as const) {
  it(`keeps nobody out of any page, ${colorScheme}`, async () => {
    const guest = await window({ ...DESK, colorScheme });
    await guest.goto(PAPO);
    await guest.getByLabel('E-mail').waitFor();
    expect(await serious(guest)).toEqual([]);
    await close(guest);

    await furnish();
    for (const login of ['admin', 'root'] as const) {
      const page = await loggedIn(login, { ...DESK, colorScheme });
      for (const address of await addresses(page)) {
        await open(page, PAPO + address);
        for (const [size, viewport] of Object.entries(SIZES)) {
          if (viewport) await page.setViewportSize(viewport);
          expect(await serious(page), `${address}, ${size}`).toEqual([]);
          expect(await tooWide(page), `${address}, ${size}`).toBe(false);
        }
        await page.setViewportSize(DESK.viewport ?? SIZES.phone);
      }
      await close(page);
    }
  }, 240_000);

  it(`keeps nobody out of a conversation, ${colorScheme}`, async () => {
    const [page, bruno] = await Promise.all([
      loggedIn('ana', { ...DESK, colorScheme }),
      loggedIn('bruno'),
    ]);
    const lia = await Customer.called(`Lia ${colorScheme}`);
    await lia.says('Oi');
    await list(page, 'Todas');
    await row(page, lia.name).click();
    await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
    await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
    const input = page.getByTestId('message-input');
    await expect.poll(() => input.evaluate((at) => at === document.activeElement)).toBe(true);
    await input.fill('Olá');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type('Uma nota');
    await page.keyboard.press('Enter');
    await page.getByTestId('note').waitFor();
    await page.getByTestId('message').getByText('Olá', { exact: true }).waitFor();
    expect(await serious(page)).toEqual([]);

    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type('@');
    await page.getByTestId('suggestions').waitFor();
    expect(await serious(page), 'suggestions').toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    for (const key of ['t', 'e', 'i', '?', 'Control+k']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      expect(await serious(page), key).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
    await page.getByTestId('user-menu').click();
    await page.getByRole('menu').waitFor();
    expect(await serious(page), 'menu').toEqual([]);
    await close(page, bruno);
  });
}

it('keeps nobody out of the menu of a phone', async () => {
  const page = await loggedIn('ana', { ...DESK, viewport: { width: 390, height: 780 } });
  await page.getByLabel('Abrir menu').click();
  await page.getByRole('dialog', { name: 'Navegação' }).waitFor();
  expect(await serious(page)).toEqual([]);
  await close(page);
});
