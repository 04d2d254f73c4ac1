import { Button, CloseButton, Fieldset, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconUserPlus } from '@tabler/icons-react';
import { Dialog } from '../../app/Dialog';
import type { Cards } from '../../conversations/outgoing';
import { common } from '../../i18n/common';
import { dialled, masked } from '../../i18n/format';
import { newKey } from '../../local';
import { share } from './share-texts';

/** Nobody writes more by hand. */
const MOST = 10;
/** What WhatsApp takes; characters. */
const MOST_OF_NAME = 256;

interface Person {
  key: string;
  name: string;
  phone: string;
  email: string;
}

const nobody = (): Person => ({ key: newKey(), name: '', phone: '', email: '' });

/** People whose numbers are passed on. */
export function ContactsDialog({
  begun,
  onSend,
  onClose,
}: {
  /** Those that were written before. */
  begun: Cards | undefined;
  onSend: (cards: Cards) => void;
  onClose: () => void;
}) {
  const t = share.useText();
  const word = common.useText();
  const form = useForm<{ people: Person[] }>({
    initialValues: { people: begun ? begun.contacts.map(written) : [nobody()] },
    validate: {
      people: {
        name: (name) => (name.trim() ? null : t('noName')),
        phone: (phone) => (dialled(phone) ? null : t('noPhone')),
        email: (email) =>
          !email.trim() || /^\S+@\S+\.\S+$/.test(email.trim()) ? null : t('badEmail'),
      },
    },
  });
  const { people } = form.values;
  const many = people.length > 1;
  return (
    <Dialog title={t('sendContacts')} onClose={onClose}>
      <form
        onSubmit={form.onSubmit(({ people }) =>
          onSend({ type: 'contacts', contacts: people.map(card) }),
        )}
        noValidate
      >
        <Stack gap="sm">
          {people.map(({ key }, at) => (
            <Fieldset
              key={key}
              variant={many ? 'default' : 'unstyled'}
              legend={many ? t('contactNumber', { number: at + 1 }) : undefined}
              pos="relative"
            >
              {many && (
                <CloseButton
                  size="sm"
                  pos="absolute"
                  top={4}
                  right={6}
                  aria-label={t('remove', { number: at + 1 })}
                  onClick={() => form.removeListItem('people', at)}
                />
              )}
              <Stack gap="xs">
                <TextInput
                  label={t('name')}
                  required
                  maxLength={MOST_OF_NAME}
                  autoComplete="off"
                  data-autofocus={at === 0 || undefined}
                  {...form.getInputProps(`people.${at}.name`)}
                />
                <Group grow align="flex-start" gap="sm" preventGrowOverflow={false}>
                  <TextInput
                    label={t('phone')}
                    type="tel"
                    required
                    miw={170}
                    maxLength={40}
                    autoComplete="off"
                    {...form.getInputProps(`people.${at}.phone`)}
                    onChange={({ currentTarget: { value, selectionEnd } }) =>
                      form.setFieldValue(
                        `people.${at}.phone`,
                        selectionEnd === value.length ? masked(value) : value,
                      )
                    }
                  />
                  <TextInput
                    label={t('email')}
                    type="email"
                    miw={170}
                    maxLength={MOST_OF_NAME}
                    autoComplete="off"
                    {...form.getInputProps(`people.${at}.email`)}
                  />
                </Group>
              </Stack>
            </Fieldset>
          ))}
          <Button
            variant="subtle"
            size="compact-sm"
            mr="auto"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            disabled={people.length >= MOST}
            onClick={() => form.insertListItem('people', nobody())}
          >
            {t('another')}
          </Button>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" data-testid="send-contacts">
              {many ? t('sendContactsMany', { count: people.length }) : t('send')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function card({ name, phone, email }: Person): Cards['contacts'][number] {
  const number = dialled(phone) ?? phone;
  return {
    name: { formatted_name: name.trim() },
    phones: [{ phone: number, type: 'CELL' }],
    emails: email.trim() ? [{ email: email.trim() }] : [],
  };
}

function written({ name, phones, emails }: Cards['contacts'][number]): Person {
  return {
    key: newKey(),
    name: name.formatted_name,
    phone: masked(phones?.[0]?.phone ?? ''),
    email: emails?.[0]?.email ?? '',
  };
}
