/** What the audit trail calls things, and what is shown for it. */

import type { KeyOf } from '../../i18n/texts';
import type { audit } from './texts';

type Key = KeyOf<typeof audit>;

/** Categories with their actions, in the order of the filter. */
export const ACTIONS = {
  authentication: ['login', 'login_failed', 'logout'],
  security: [
    'token_reused',
    'password_changed',
    'password_link_made',
    'password_set_by_link',
    'two_factor_enabled',
    'two_factor_disabled',
    'two_factor_reset',
    'recovery_codes_renewed',
  ],
  session: ['session_ended', 'other_sessions_ended'],
  admin_action: [
    'user_created',
    'user_updated',
    'tenant_created',
    'tenant_updated',
    'job_discarded',
    'dead_letter_discarded',
    'job_retried',
    'dead_letter_retried',
    'conversation_resumed',
  ],
  configuration: [
    'policy_replaced',
    'department_created',
    'department_updated',
    'channel_created',
    'channel_updated',
    'channel_retired',
    'channel_tested',
    'flow_created',
    'flow_replaced',
    'flow_published',
    'flow_deleted',
    'flow_tried',
    'flow_trial_ended',
    'label_created',
    'label_updated',
    'label_deleted',
    'canned_reply_created',
    'canned_reply_updated',
    'canned_reply_deleted',
    'attribute_created',
    'attribute_updated',
    'attribute_deleted',
  ],
  desk: [
    'attendance_updated',
    'handoff_assigned',
    'scheduled_cancelled',
    'conversation_taken_over',
    'conversation_transferred',
    'conversation_returned',
    'conversation_closed',
  ],
  customers: ['customer_updated', 'customers_merged', 'merge_undone'],
} as const satisfies Record<string, readonly Key[]>;

export type Category = keyof typeof ACTIONS;
export const CATEGORIES = Object.keys(ACTIONS) as Category[];

const KNOWN = new Map<string, Key>(
  Object.values(ACTIONS)
    .flat()
    .map((action) => [action, action]),
);

/** The text for an action; `null` for one that a newer server knows. */
export function actionKey(action: string): Key | null {
  return KNOWN.get(action) ?? null;
}

/** What nobody should pass over. */
const GRAVE = new Set(['login_failed', 'token_reused', 'two_factor_disabled', 'two_factor_reset']);

export function isGrave(action: string): boolean {
  return GRAVE.has(action);
}

const KINDS: Record<string, Key> = {
  user: 'kind_user',
  session: 'kind_session',
  tenant: 'kind_tenant',
  department: 'kind_department',
  channel: 'kind_channel',
  flow: 'kind_flow',
  policy: 'kind_policy',
  label: 'kind_label',
  customer: 'kind_customer',
  customer_attribute: 'kind_attribute',
  canned_reply: 'kind_canned',
  handoff: 'kind_handoff',
  conversation: 'kind_conversation',
  job: 'kind_job',
  dead_letter: 'kind_dead_letter',
};

/** The text for the kind of a thing. */
export function kindKey(kind: string): Key | null {
  return KINDS[kind] ?? null;
}
