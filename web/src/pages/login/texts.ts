import { texts } from '../../i18n/texts';

export const login = texts(
  'login',
  {
    title: 'Entrar no Papo',
    subtitle: 'Atendimento no WhatsApp, em tempo real.',
    tenant: 'Empresa',
    tenantHint:
      'O identificador da sua empresa, como “demo”. Deixe em branco se você administra a plataforma.',
    enter: 'Entrar',
    failed: 'Falha no login',
    ended: 'Sua sessão terminou. Entre de novo: o que você estava escrevendo foi guardado.',
    emailNeeded: 'Informe seu e-mail',
    passwordNeeded: 'Informe sua senha',
    unknownTenant: 'Não encontramos esta empresa',
  },
  {
    title: 'Log in to Papo',
    subtitle: 'Customer service on WhatsApp, in real time.',
    tenant: 'Company',
    tenantHint:
      'Your company’s identifier, such as “demo”. Leave it empty if you run the platform.',
    enter: 'Log in',
    failed: 'Login failed',
    ended: 'Your session has ended. Log in again: what you were writing was kept.',
    emailNeeded: 'Enter your e-mail address',
    passwordNeeded: 'Enter your password',
    unknownTenant: 'We do not know this company',
  },
);
