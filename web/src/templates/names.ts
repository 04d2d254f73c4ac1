/** What people call the provider's words. */

import { language } from '../i18n/i18n';
import { templates } from './texts';

/** What a code such as `pt_BR` is called. */
export function languageName(code: string): string {
  try {
    const names = new Intl.DisplayNames(language(), { type: 'language' });
    return names.of(code.replace('_', '-')) ?? code;
  } catch {
    return code;
  }
}

export function categoryName(category: string | null | undefined): string {
  switch (category) {
    case 'UTILITY':
      return templates.say('utility');
    case 'MARKETING':
      return templates.say('marketing');
    case 'AUTHENTICATION':
      return templates.say('authentication');
    default:
      return category ?? '';
  }
}
