import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core';
import { IconFile, IconMapPin, IconPaperclip, IconUser } from '@tabler/icons-react';
import { useRef } from 'react';
import { media } from '../../media/texts';
import { share } from './share-texts';

/** What goes with a message, or is one by itself: files, a place, people. */
export function AttachMenu({
  onFiles,
  onShare,
}: {
  /** Takes files; without it, nothing can be added now. */
  onFiles: ((files: FileList | null) => void) | null;
  onShare: (what: 'location' | 'contacts') => void;
}) {
  const t = share.useText();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={media.say('attach')}
        data-testid="file-picker"
        onChange={(event) => {
          onFiles?.(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      <Menu position="top-start" returnFocus>
        <Menu.Target>
          <Tooltip label={t('attach')}>
            <ActionIcon size="lg" aria-label={t('attach')} disabled={!onFiles} data-testid="attach">
              <IconPaperclip size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconFile size={16} aria-hidden />}
            onClick={() => picker.current?.click()}
          >
            {t('files')}
            <Text size="xs" c="dimmed">
              {t('filesHint')}
            </Text>
          </Menu.Item>
          <Menu.Item
            leftSection={<IconMapPin size={16} aria-hidden />}
            onClick={() => onShare('location')}
          >
            {t('location')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconUser size={16} aria-hidden />}
            onClick={() => onShare('contacts')}
          >
            {t('contacts')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
