import { Alert } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { type ApiError, wordsOf } from '../../api/errors';
import { login } from './texts';

/** Why somebody did not get in. */
export function Problem({ error }: { error: ApiError }) {
  const t = login.useText();
  return (
    <Alert
      color="red"
      title={t('failed')}
      icon={<IconAlertCircle size={18} aria-hidden />}
      role="alert"
      data-testid={error.status === 429 ? 'rate-limit-message' : 'error-message'}
    >
      {wordsOf(error)}
    </Alert>
  );
}
