/** Short words in the corner. */

import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/errors';
import { reasonOf } from '../api/faults';
import { common } from '../i18n/common';

export function told(message: string): void {
  notifications.show({ message, color: 'brand', closeButtonProps: closing() });
}

/** Something failed: what the server says, and what to tell the support where it is its fault. */
export function failed(error: unknown, title?: string): void {
  const own = error instanceof ApiError && error.status >= 500 && error.requestId;
  notifications.show({
    title,
    message: own ? `${reasonOf(error)} ${common.say('requestId', { id: own })}` : reasonOf(error),
    color: 'red',
    closeButtonProps: closing(),
    autoClose: own ? false : 6000,
  });
}

function closing() {
  return { 'aria-label': common.say('close') };
}
