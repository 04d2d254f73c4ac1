/** The API's shapes under short names. */

import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type User = Schemas['UserView'];
export type OnlineUser = Schemas['OnlineUser'];
export type Department = Schemas['DepartmentView'];
export type Conversation = Schemas['ConversationView'];
export type Customer = Schemas['CustomerView'];
export type Message = Schemas['MessageView'];
export type Transfer = Schemas['TransferView'];
export type TokenPair = Schemas['TokenPair'];

/** One page of a list. */
export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}
