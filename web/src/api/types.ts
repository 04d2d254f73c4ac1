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
export type Hit = Schemas['HitView'];
export type Media = Schemas['MediaView'];
export type Transfer = Schemas['TransferView'];
export type Channel = Schemas['ChannelView'];
export type Tenant = Schemas['TenantView'];
export type Flow = Schemas['FlowView'];
export type PendingHandoff = Schemas['Page_PendingView']['data'][number];
export type Overview = Schemas['OverviewView'];
export type Measures = Schemas['MeasuresView'];
export type AttendanceRow = Schemas['RowView'];
export type Incident = Schemas['IncidentView'];
export type DeadLetter = Schemas['DeadLetterView'];
export type TokenPair = Schemas['TokenPair'];

/** One page of a list. */
export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}
