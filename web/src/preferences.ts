/** What a person likes, in this browser. */

import { recall, remember } from './local';
import { createStore } from './store';

export interface Preferences {
  language: 'pt-BR' | 'en';
  /** A tone when a customer writes or somebody is needed. */
  sound: boolean;
  /** Notifications of the desktop while the page is in the background. */
  desktop: boolean;
  /** Enter sends; otherwise Ctrl+Enter does. */
  enterSends: boolean;
  /** The side bar shows only icons. */
  narrow: boolean;
  /** The customer stands beside the conversation. */
  customerPanel: boolean;
}

const DEFAULTS: Preferences = {
  language: 'pt-BR',
  sound: true,
  desktop: false,
  enterSends: true,
  narrow: false,
  customerPanel: true,
};

export const preferences = createStore<Preferences>({
  ...DEFAULTS,
  ...recall<Partial<Preferences>>('preferences', {}),
});

export function prefer(change: Partial<Preferences>): void {
  preferences.set((now) => ({ ...now, ...change }));
  remember('preferences', preferences.get());
}
