import { Modal, type ModalProps } from '@mantine/core';
import { common } from '../i18n/common';

/** A question or a form in front of the page, open as long as it is there. */
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const word = common.useText();
  return <Modal opened closeButtonProps={{ 'aria-label': word('close') }} {...props} />;
}
