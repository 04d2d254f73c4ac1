/** What a number's fields must look like, as the server wants it. */

import { channels } from './texts';

export const needed = (value: string) => (value.trim() ? null : channels.say('needed'));

export const digits = (value: string) =>
  /^\d{1,64}$/.test(value.trim()) ? null : channels.say('digits');

export const credential = (value: string) =>
  /^\S.{6,4094}\S$/.test(value) ? null : channels.say('credential');

/** Empty keeps what is stored. */
export const optionalCredential = (value: string) => (value === '' ? null : credential(value));
