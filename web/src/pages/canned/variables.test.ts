import { expect, it } from 'vitest';
import { exampleOf } from './variables';

it('shows a reply with examples, and leaves what is no variable', () => {
  expect(exampleOf('{{greeting}}, {{ customer.first_name }}! {{nada}}', 'Ana Souza')).toBe(
    'Boa tarde, Maria! {{nada}}',
  );
  expect(exampleOf('Sou {{attendant.first_name}}', 'Ana Souza')).toBe('Sou Ana');
});
