import { Alert, List } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import type { KeyOf } from '../../i18n/texts';
import type { useCheck } from './queries';
import { channels } from './texts';

type Key = KeyOf<typeof channels>;

const FIELDS: Record<string, Key> = {
  access_token: 'check_access_token',
  phone_number_id: 'check_phone_number_id',
  waba_id: 'check_waba_id',
  scopes: 'check_scopes',
};
const CODES: Record<string, Key> = {
  token_invalid: 'check_token_invalid',
  not_found: 'check_not_found',
  not_permitted: 'check_not_permitted',
  other_account: 'check_other_account',
  scope_missing: 'check_scope_missing',
  unreachable: 'check_unreachable',
  refused: 'check_refused',
};

/** What Meta says of credentials that were tried. */
export function CheckResult({ check }: { check: Pick<ReturnType<typeof useCheck>, 'data'> }) {
  const t = channels.useText();
  if (!check.data) return null;
  const { ok, number, checks } = check.data;
  if (ok) {
    const name = [number?.verified_name, number?.display_phone].filter(Boolean).join(' · ');
    return (
      <Alert color="green" mt="md" role="status" icon={<IconCircleCheck size={18} aria-hidden />}>
        {t('checkOk', { name })}
      </Alert>
    );
  }
  return (
    <Alert
      color="red"
      mt="md"
      role="alert"
      title={t('checkFailed')}
      icon={<IconAlertCircle size={18} aria-hidden />}
    >
      <List size="sm">
        {checks
          .filter((one) => !one.ok)
          .map(({ field, code, detail }) => {
            const [name, why] = [FIELDS[field], CODES[code ?? '']];
            return (
              <List.Item key={field}>
                {name ? t(name) : field}: {why ? t(why) : code}
                {detail && ` (${detail})`}
              </List.Item>
            );
          })}
      </List>
    </Alert>
  );
}
