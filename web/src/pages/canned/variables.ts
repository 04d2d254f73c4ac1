/** What a canned reply may hold, and an example of what the server puts there. */

import { canned } from './texts';

export const VARIABLES = [
  ['greeting', 'greeting'],
  ['customer.first_name', 'customer_first_name'],
  ['customer.name', 'customer_name'],
  ['customer.phone', 'customer_phone'],
  ['attendant.first_name', 'attendant_first_name'],
  ['attendant.name', 'attendant_name'],
  ['department.name', 'department_name'],
  ['company.name', 'company_name'],
] as const;

/** The text with examples in the place of its variables; what is none stays as it is. */
export function exampleOf(text: string, attendant: string): string {
  const [first = attendant] = attendant.split(' ');
  const examples: Record<string, string> = {
    greeting: canned.say('greetingExample'),
    'customer.first_name': 'Maria',
    'customer.name': 'Maria Silva',
    'customer.phone': '+55 11 90000-0000',
    'attendant.first_name': first,
    'attendant.name': attendant,
    'department.name': 'Vendas',
    'company.name': 'Padaria da Ana',
  };
  return text.replace(
    /\{\{\s*([a-z_.]+)\s*\}\}/g,
    (whole, name: string) => examples[name] ?? whole,
  );
}
