import { expect, it } from 'vitest';
import { skillOf } from './SkillsInput';

it('writes skills as the server wants them', () => {
  expect(skillOf(' Inglês avançado! ')).toBe('ingles-avancado');
  expect(skillOf('LIBRAS')).toBe('libras');
  expect(skillOf('?!')).toBe('');
  expect(skillOf('a'.repeat(30))).toHaveLength(20);
});
