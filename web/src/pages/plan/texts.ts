import { type KeyOf, texts } from '../../i18n/texts';

export const plan = texts(
  'plan',
  {
    title: 'Empresa e plano',
    description: 'O que seu plano inclui e quanto já foi usado.',
    plan: 'Plano',
    free: 'Gratuito',
    pro: 'Pro',
    enterprise: 'Empresarial',
    trial: 'Em teste',
    active: 'Ativo',
    trialEndsToday: 'O período de teste termina hoje.',
    trialEnded: 'O período de teste terminou em {{day}}.',
    trialEnds_one: 'O período de teste termina amanhã, em {{day}}.',
    trialEnds_other: 'O período de teste termina em {{count}} dias, em {{day}}.',
    usage: 'Uso',
    never:
      'Seus clientes nunca ficam sem resposta por causa do plano: conversas acima dele continuam.',
    company: 'Dados da empresa',
    email: 'E-mail de contato',
    emailHint: 'Para onde mandamos avisos sobre a conta.',
    slug: 'Identificador',
    slugHint: 'O que sua equipe digita em “Empresa” para entrar.',
    nameNeeded: 'Informe o nome, com ao menos 2 letras',
  },
  {
    title: 'Company and plan',
    description: 'What your plan gives, and how much of it is used.',
    plan: 'Plan',
    free: 'Free',
    pro: 'Pro',
    enterprise: 'Enterprise',
    trial: 'On trial',
    active: 'Active',
    trialEndsToday: 'The trial ends today.',
    trialEnded: 'The trial ended on {{day}}.',
    trialEnds_one: 'The trial ends tomorrow, on {{day}}.',
    trialEnds_other: 'The trial ends in {{count}} days, on {{day}}.',
    usage: 'Usage',
    never:
      'Your customers are never turned away because of the plan: conversations above it go on.',
    company: 'Company details',
    email: 'E-mail address for contact',
    emailHint: 'Where we send notices about the account.',
    slug: 'Identifier',
    slugHint: 'What your team types in “Company” to log in.',
    nameNeeded: 'Enter the name, of 2 letters or more',
  },
);

const PLANS = ['free', 'pro', 'enterprise'] as const;

/** The text for a plan; `null` for one that has none. */
export function planKey(name: string): KeyOf<typeof plan> | null {
  return PLANS.find((one) => one === name) ?? null;
}
