import { expect, it } from 'vitest';
import { asks, Customer, close, list, loggedIn, row, withBrowser } from './stage';

withBrowser();

it('writes canned replies with the customer’s own words, by the keyboard', async () => {
  const shortcut = `ola${Date.now()}`;
  const reply = (await asks('ana', 'POST', '/canned-replies', {
    scope: 'personal',
    shortcut,
    title: 'Saudação',
    text: 'Olá, {{customer.first_name}}! Aqui é {{attendant.first_name}}.',
  })) as { id: string };
  const page = await loggedIn('ana');
  const quim = await Customer.called('Quim Pronto');
  await quim.says('Oi');
  await list(page, 'Todas');
  await row(page, quim.name).click();
  await page.getByTestId('message').getByText('Como podemos ajudar?').waitFor();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await quim.receives('Agora você está falando com Ana.');
  await page.getByTestId('message').getByText('Agora você está falando com Ana.').waitFor();
  const input = page.getByTestId('message-input');
  await input.pressSequentially(`/${shortcut.slice(0, 6)}`);
  await page.getByRole('option', { name: shortcut }).waitFor();
  await input.press('Enter');
  await expect.poll(() => input.inputValue()).toBe('Olá, Quim! Aqui é Ana.');
  await input.press('Enter');
  await quim.receives('Olá, Quim! Aqui é Ana.');

  // What is put away by Escape is text like any other.
  await input.pressSequentially('/');
  await page.getByTestId('suggestions').waitFor();
  await input.press('Escape');
  await page.getByTestId('suggestions').waitFor({ state: 'hidden' });
  expect(await input.inputValue()).toBe('/');
  await close(page);
  await asks('ana', 'DELETE', `/canned-replies/${reply.id}`);
});

it('tells a colleague who is named in a note, and leads there', async () => {
  const [ana, supervisor] = await Promise.all([loggedIn('ana'), loggedIn('supervisor')]);
  const rita = await Customer.called('Rita Menção');
  await rita.says('Oi');
  await list(ana, 'Todas');
  await row(ana, rita.name).click();
  await ana.getByTestId('message').getByText('Oi', { exact: true }).waitFor();
  await ana.keyboard.press('n');
  const input = ana.getByTestId('message-input');
  await input.pressSequentially('Veja isto, @super');
  await ana.getByRole('option', { name: 'Supervisão' }).waitFor();
  await input.press('Tab');
  await expect.poll(() => input.inputValue()).toBe('Veja isto, @Supervisão ');
  await input.press('Enter');
  await ana.getByTestId('note').getByText('Veja isto, @Supervisão').waitFor();

  await supervisor.getByText('Ana mencionou você').waitFor();
  const bell = supervisor.getByTestId('bell');
  await expect.poll(() => bell.getAttribute('aria-label')).toContain('não lido');
  await supervisor.keyboard.press('i');
  await supervisor.getByTestId('notice').filter({ hasText: rita.name }).click();
  await supervisor.getByTestId('customer-name').getByText(rita.name).waitFor();
  await supervisor.getByTestId('note').getByText('Veja isto, @Supervisão').waitFor();
  await expect.poll(() => bell.getAttribute('aria-label')).toBe('Avisos');
  await close(ana, supervisor);
});
