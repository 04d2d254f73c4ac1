import { describe, expect, it } from 'vitest';
import { ApiError } from './errors';
import { faultsOf, problemWords } from './faults';

describe('faults', () => {
  it('says in Portuguese what the server says about a field', () => {
    expect(problemWords('is taken')).toBe('já está em uso');
    expect(problemWords('must be 1 to 63 lower-case letters, digits and dashes')).toBe(
      'use de 1 a 63 letras minúsculas, números e hifens',
    );
    expect(problemWords('must have 8 to 4096 characters without leading or trailing spaces')).toBe(
      'precisa ter de 8 a 4096 caracteres, sem espaços no começo ou no fim',
    );
  });

  it('keeps the numbers in their places', () => {
    expect(problemWords('has 31 characters, at most 24 are allowed')).toBe(
      'tem 31 caracteres; o máximo é 24',
    );
    expect(
      problemWords('has 1100 characters, at most 1024 are allowed (each placeholder counts as 80)'),
    ).toBe('pode chegar a 1100 caracteres com as variáveis; o máximo é 1024');
    expect(problemWords('has 12 entries, 1 to 10 are allowed')).toBe(
      'tem 12 itens; são permitidos de 1 a 10',
    );
  });

  it('shows what it does not know as it came', () => {
    expect(problemWords('has gone fishing')).toBe('has gone fishing');
  });

  it('gives forms their fields, and nothing for other failures', () => {
    const fields = [{ field: 'name', message: 'is taken' }];
    expect(faultsOf(new ApiError(409, 'taken', 'Valor já em uso', { fields }))).toEqual({
      name: 'Já está em uso',
    });
    expect(faultsOf(new Error('x'))).toEqual({});
  });
});
