import { texts } from '../../i18n/texts';

export const invite = texts(
  'invite',
  {
    invitation: 'Boas-vindas, {{name}}!',
    invitationHint: '{{tenant}} convidou você para o Papo. Escolha sua senha para entrar.',
    password_reset: 'Nova senha',
    password_resetHint: 'Escolha outra senha para {{email}}.',
    password: 'Senha',
    passwordHint: 'De 8 a 128 caracteres.',
    repeat: 'Repita a senha',
    tooShort: 'Use de 8 a 128 caracteres',
    differs: 'As senhas são diferentes',
    enter: 'Salvar e entrar',
    invalid: 'Este link não vale mais',
    invalidHint: 'Ele já foi usado ou venceu. Peça outro ao administrador da sua empresa.',
    toLogin: 'Ir para o login',
  },
  {
    invitation: 'Welcome, {{name}}!',
    invitationHint: '{{tenant}} has invited you to Papo. Choose your password to enter.',
    password_reset: 'A new password',
    password_resetHint: 'Choose another password for {{email}}.',
    password: 'Password',
    passwordHint: '8 to 128 characters.',
    repeat: 'Repeat the password',
    tooShort: 'Use 8 to 128 characters',
    differs: 'The passwords differ',
    enter: 'Save and enter',
    invalid: 'This link is no good any more',
    invalidHint:
      'It was used already or has expired. Ask your company’s administrator for another.',
    toLogin: 'Go to the login',
  },
);
