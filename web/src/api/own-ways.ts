/** What somebody likes goes with them from browser to browser. */

import { type Preferences, prefer, preferences } from '../preferences';
import { answer, api } from './client';
import type { components } from './schema';
import { replaceMe, session } from './session';
import type { Me } from './types';

type Change = components['schemas']['UpdateProfile'];
type Ways = Pick<Preferences, 'language' | 'sound' | 'enterSends'>;

const waysOf = ({ locale, preferences: { sound, send_on_enter } }: Me): Ways => ({
  language: locale === 'en' ? 'en' : 'pt-BR',
  sound,
  enterSends: send_on_enter,
});

/** What the account does not say yet; `null` if nothing. */
export function unsaid(me: Me, { language, sound, enterSends }: Ways): Change | null {
  const before = waysOf(me);
  const liked = {
    ...(before.sound !== sound && { sound }),
    ...(before.enterSends !== enterSends && { send_on_enter: enterSends }),
  };
  const change = {
    ...(before.language !== language && { locale: language }),
    ...(Object.keys(liked).length > 0 && { preferences: liked }),
  };
  // The API's description wants all of them, where what is left out stays.
  return Object.keys(change).length > 0 ? (change as Change) : null;
}

/** Takes them from whoever logs in, and tells the account what they change. */
export function followOwnWays(): () => void {
  let whose: string | null = null;
  const arrive = () => {
    const now = session.get();
    const id = now.state === 'in' ? now.me.id : null;
    if (id !== whose && now.state === 'in') prefer(waysOf(now.me));
    whose = id;
  };
  const tell = () => {
    const now = session.get();
    if (now.state !== 'in' || now.me.id !== whose) return;
    const body = unsaid(now.me, preferences.get());
    // Where it cannot be told, it is this browser's alone.
    if (body) answer(api.PATCH('/api/v1/me', { body })).then(replaceMe, () => undefined);
  };
  const ends = [session.subscribe(arrive), preferences.subscribe(tell)];
  arrive();
  return () => {
    for (const end of ends) end();
  };
}
