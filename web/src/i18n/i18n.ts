/** The language of the page. Texts stand beside what shows them: see `texts`. */

import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { preferences } from '../preferences';

export type Language = 'pt-BR' | 'en';

void i18next.use(initReactI18next).init({
  lng: preferences.get().language,
  fallbackLng: 'pt-BR',
  initAsync: false,
  keySeparator: false,
  nsSeparator: false,
  resources: {},
  // React writes text as text.
  interpolation: { escapeValue: false },
  returnNull: false,
});

preferences.subscribe(() => {
  const { language } = preferences.get();
  if (i18next.language !== language) void i18next.changeLanguage(language);
});

function mark(language: string): void {
  document.documentElement.lang = language;
}
i18next.on('languageChanged', mark);
mark(i18next.language);

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'pt-BR';
}

export { i18next };
