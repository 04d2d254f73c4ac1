import { expect, it } from 'vitest';
import { Customer, close, list, loggedIn, row, withBrowser, write } from './stage';

withBrowser();

it('a customer on the phone and two attendants in two browsers', async () => {
  const [ana, bruno] = await Promise.all([loggedIn('ana'), loggedIn('bruno')]);
  await Promise.all([list(ana, 'Fila'), list(bruno, 'Fila')]);
  const gabi = await Customer.called('Gabi Junto');
  await gabi.says('Oi');
  await gabi.says('atendente');
  await row(ana, gabi.name).waitFor();
  await row(bruno, gabi.name).waitFor();

  // Both look at it; one is faster.
  await row(bruno, gabi.name).click();
  await row(ana, gabi.name).click();
  await ana.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await ana.getByTestId('agent-indicator').getByText('👤 Atendente').waitFor();
  await row(bruno, gabi.name).waitFor({ state: 'hidden' });
  await gabi.receives('Agora você está falando com Ana.');

  await list(ana, 'Minhas');
  await row(ana, gabi.name).waitFor();
  await write(ana, 'Vou passar para o Bruno.');
  await gabi.receives('Vou passar para o Bruno.');
  await ana.getByTestId('transfer').click();
  await ana.getByLabel('Observação para quem recebe (opcional)').fill('Segunda via do boleto');
  await ana.getByRole('dialog').getByRole('button', { name: 'Bruno' }).click();
  await bruno.getByText('Ana passou uma conversa para você').waitFor();
  await bruno.getByText(`${gabi.name}: Segunda via do boleto`).waitFor();

  await list(bruno, 'Minhas');
  await row(bruno, gabi.name).click();
  await bruno.getByRole('complementary').getByText('Segunda via do boleto').waitFor();
  await write(bruno, 'Aqui é o Bruno.');
  await gabi.receives('Aqui é o Bruno.');

  await gabi.says('Obrigada, Bruno!');
  await bruno.getByTestId('message').getByText('Obrigada, Bruno!').waitFor();
  await bruno.getByTestId('finish').click();
  await bruno.getByTestId('confirm-finish').click();
  await row(bruno, gabi.name).waitFor({ state: 'hidden' });
  await close(ana, bruno);
});

it('tells a supervisor who types, and who leads', async () => {
  const [ana, supervisor] = await Promise.all([loggedIn('ana'), loggedIn('supervisor')]);
  const hugo = await Customer.called('Hugo Digita');
  await hugo.says('Oi');
  await list(ana, 'Todas');
  await row(ana, hugo.name).click();
  await ana.getByRole('button', { name: 'Assumir Atendimento' }).click();
  await list(supervisor, 'Equipe');
  await row(supervisor, hugo.name).click();
  await ana.getByRole('img', { name: 'Supervisão está vendo' }).waitFor();
  await supervisor.getByRole('img', { name: 'Ana está vendo' }).waitFor();
  // So does who comes back to it by its address.
  await ana.reload();
  await ana.getByRole('img', { name: 'Supervisão está vendo' }).waitFor();
  const input = supervisor.getByTestId('message-input');
  await expect.poll(() => input.getAttribute('placeholder')).toBe('Ana conduz esta conversa');
  await expect
    .poll(
      async () => {
        await ana.getByTestId('message-input').pressSequentially('abc ', { delay: 30 });
        return supervisor.getByTestId('typing').textContent();
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toContain('Ana está digitando');
  await supervisor.getByRole('button', { name: 'Assumir de Ana' }).click();
  // Who loses sight of it is told so, and goes on.
  await ana.getByText('Esta conversa não está mais visível para você').waitFor();
  await row(ana, hugo.name).waitFor({ state: 'hidden' });
  await close(ana, supervisor);
});

it('holds an answer back that the customer was faster than', async () => {
  const page = await loggedIn('ana');
  const iara = await Customer.called('Iara Rápida');
  await iara.says('Quero dois');
  await list(page, 'Todas');
  await row(page, iara.name).click();
  await page.getByRole('button', { name: 'Assumir Atendimento' }).click();

  // What is sent stays on its way until the customer has said something else.
  let go = () => {};
  const held = new Promise<void>((resume) => {
    go = resume;
  });
  await page.route('**/messages', async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  await write(page, 'Confirmo: dois.');
  await page.getByTestId('pending').waitFor();
  await iara.says('Aliás, três');
  await page.getByTestId('message').getByText('Aliás, três').waitFor();
  go();
  const pending = page.getByTestId('pending');
  await pending.getByText('Chegaram mensagens novas antes desta').waitFor();
  await pending.getByTestId('came').getByText('Aliás, três').waitFor();
  expect(await iara.sees()).not.toContain('Confirmo: dois.');
  await pending.getByRole('button', { name: 'Voltar a editar' }).click();
  await page.getByTestId('message-input').fill('Confirmo: três.');
  await page.getByTestId('send-button').click();
  await iara.receives('Confirmo: três.');
  expect(await iara.sees()).not.toContain('Confirmo: dois.');
  await close(page);
});
