/**
 * What the server says about a field, in the language of the page. The server says it in English;
 * what is not known here is shown as it came.
 */

import { texts } from '../i18n/texts';
import { ApiError, wordsOf } from './errors';

const words = texts(
  'faults',
  {
    taken: 'já está em uso',
    email: 'não é um e-mail válido',
    empty: 'não pode ficar vazio',
    unique: 'precisa ser diferente dos outros',
    length: 'precisa ter de {{a}} a {{b}} caracteres',
    trimmed: 'precisa ter de {{a}} a {{b}} caracteres, sem espaços no começo ou no fim',
    digits: 'precisa ter de {{a}} a {{b}} dígitos',
    slug: 'use de {{a}} a {{b}} letras minúsculas, números e hifens',
    range: 'precisa ser de {{a}} a {{b}}',
    least: 'não pode ser menor que {{a}}',
    most: 'não pode ser maior que {{a}}',
    tooLong: 'tem caracteres demais: o máximo é {{a}}',
    long: 'tem {{a}} caracteres; o máximo é {{b}}',
    longFilled: 'pode chegar a {{a}} caracteres com as variáveis; o máximo é {{b}}',
    entries: 'tem {{a}} itens; são permitidos de {{b}} a {{c}}',
    moreThan: 'tem mais de {{a}} itens',
    noStep: 'escolha uma etapa que existe',
    circle: 'dá voltas sem esperar uma resposta',
    otherOption: 'já leva a outra opção',
    toStart: 'sempre leva ao início',
    toPerson: 'sempre chama uma pessoa',
    variable: 'use de {{a}} a {{b}} letras minúsculas sem acento, números e _',
    reserved: 'é um nome reservado',
    overlap: 'tem horários que se sobrepõem',
    noHours: 'tem dias, mas nenhum horário',
    department: 'não é um departamento desta empresa',
    attendant: 'não pode atender',
    own: 'é sua própria conta: peça a outro administrador',
    wrong: 'está incorreto',
    order: 'precisa terminar depois de começar',
    days: 'o período pode ter no máximo {{a}} dias',
    bytes: 'precisa ter de {{a}} a {{b}} bytes',
    phone: 'não é um número de telefone',
    inactive: 'não está ativo',
    ahead: 'escolha uma hora daqui até {{a}} dias',
    waitEnough: 'já há mensagens programadas demais nesta conversa',
    https: 'precisa ser um endereço que começa com https://',
    oneLine: 'precisa ficar numa linha só, sem tabulações e sem cinco espaços seguidos',
    notApproved: 'ainda não foi aprovado',
    noTemplate: 'não existe neste idioma',
    noSurvey: 'precisa ser um modelo aprovado, sem valores a preencher',
    otherGaps: 'mudou: escolha o modelo de novo',
    noAccount: 'não tem uma conta do WhatsApp Business',
  },
  {
    taken: 'is taken already',
    email: 'is not a valid e-mail address',
    empty: 'must not be empty',
    unique: 'must differ from the others',
    length: 'must have {{a}} to {{b}} characters',
    trimmed: 'must have {{a}} to {{b}} characters, without spaces around',
    digits: 'must have {{a}} to {{b}} digits',
    slug: 'use {{a}} to {{b}} lower-case letters, digits and dashes',
    range: 'must be {{a}} to {{b}}',
    least: 'must not be below {{a}}',
    most: 'must not be above {{a}}',
    tooLong: 'has too many characters: at most {{a}}',
    long: 'has {{a}} characters; at most {{b}} are allowed',
    longFilled: 'may reach {{a}} characters with its variables; at most {{b}} are allowed',
    entries: 'has {{a}} entries; {{b}} to {{c}} are allowed',
    moreThan: 'has more than {{a}} entries',
    noStep: 'choose a step that exists',
    circle: 'goes round without waiting for an answer',
    otherOption: 'already means another option',
    toStart: 'always leads to the start',
    toPerson: 'always asks for a person',
    variable: 'use {{a}} to {{b}} of a-z, 0-9 and _',
    reserved: 'is a reserved name',
    overlap: 'has hours that overlap',
    noHours: 'names days but no hours',
    department: 'is no department of this company',
    attendant: 'cannot attend',
    own: 'is your own account: ask another administrator',
    wrong: 'is wrong',
    order: 'must end after it begins',
    days: 'a period has at most {{a}} days',
    bytes: 'must have {{a}} to {{b}} bytes',
    phone: 'is not a phone number',
    inactive: 'is not active',
    ahead: 'choose a time within {{a}} days from now',
    waitEnough: 'there are too many scheduled messages in this conversation already',
    https: 'must be an address that begins with https://',
    oneLine: 'must be one line, without tabs and without five spaces in a row',
    notApproved: 'is not approved yet',
    noTemplate: 'does not exist in this language',
    noSurvey: 'must be an approved template without values to fill in',
    otherGaps: 'has changed: choose the template again',
    noAccount: 'has no WhatsApp Business account',
  },
);

/** The first that fits says it; its groups are `a`, `b` and `c`. */
const KNOWN: readonly [RegExp, Parameters<typeof words.say>[0]][] = [
  [/^is taken$/, 'taken'],
  [/valid e-mail/, 'email'],
  [/^must not be empty$/, 'empty'],
  [/^must be unique$/, 'unique'],
  [/^must have (\d+) to (\d+) characters.*spaces/, 'trimmed'],
  [/^must have (\d+) to (\d+) characters/, 'length'],
  [/^must have (\d+) to (\d+) bytes/, 'bytes'],
  [/^must have a name of (\d+) to (\d+) bytes/, 'bytes'],
  [/^must be (\d+) to (\d+) lower-case/, 'slug'],
  [/^must be (\d+) to (\d+) digits/, 'digits'],
  [/^must be (\d+) to (\d+) of a-z/, 'variable'],
  [/^must be (\d+) to (\d+)$/, 'range'],
  [/^must be \w+ to (\d+)$/, 'most'],
  [/^lower than (-?\d+)/, 'least'],
  [/^length is greater than (\d+)/, 'tooLong'],
  [/^greater than (-?\d+)/, 'most'],
  [/^has (\d+) characters, at most (\d+) are allowed \(/, 'longFilled'],
  [/^has (\d+) characters, at most (\d+)/, 'long'],
  [/^has more than (\d+) characters/, 'tooLong'],
  [/^has (\d+) entries, (\d+) to (\d+)/, 'entries'],
  [/^(?:has|collects) more than (\d+)/, 'moreThan'],
  [/^names no node$/, 'noStep'],
  [/in a circle/, 'circle'],
  [/already means another option/, 'otherOption'],
  [/leads to the start$/, 'toStart'],
  [/always asks for a person/, 'toPerson'],
  [/placeholder of its own/, 'reserved'],
  [/overlapping intervals/, 'overlap'],
  [/names days but no hours/, 'noHours'],
  [/not a department/, 'department'],
  [/not an attendant/, 'attendant'],
  [/^is your own/, 'own'],
  [/^is wrong$/, 'wrong'],
  [/must end after it begins|must not be before/, 'order'],
  [/must lie ahead, at most (\d+) days/, 'ahead'],
  [/at most (\d+) days/, 'days'],
  [/^is not a phone number$/, 'phone'],
  [/^is not active$/, 'inactive'],
  [/^is one more than may wait$/, 'waitEnough'],
  [/^must be an https address$/, 'https'],
  [/^must be one line/, 'oneLine'],
  [/^is not approved$/, 'notApproved'],
  [/^is no template in this language$/, 'noTemplate'],
  [/no approved template without gaps/, 'noSurvey'],
  [/^(?:needs \d+ values|is no gap|has no gap|has gaps)/, 'otherGaps'],
  [/^has no business account$/, 'noAccount'],
];

/** A problem in the language of the page. */
export function problemWords(problem: string): string {
  for (const [pattern, key] of KNOWN) {
    const found = pattern.exec(problem);
    if (!found) continue;
    const [, a = '', b = '', c = ''] = found;
    return words.say(key, { a, b, c });
  }
  return problem;
}

/** What is wrong by field, as forms take it; empty for what is not about fields. */
export function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.fields.map(({ field, message }) => [field, capital(problemWords(message))]),
  );
}

/** Why something failed, in one sentence that names no field. */
export function reasonOf(error: unknown): string {
  const [fault] = error instanceof ApiError ? error.fields : [];
  return fault ? capital(problemWords(fault.message)) : wordsOf(error);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
