import { Button, FileButton, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { answer, api, send } from '../../api/client';
import { refused } from '../../api/errors';
import { faultsOf, reasonOf } from '../../api/faults';
import { replaceMe } from '../../api/session';
import type { Me } from '../../api/types';
import { failed, told } from '../../app/notify';
import { PersonAvatar } from '../../app/PersonAvatar';
import { common } from '../../i18n/common';
import { profile } from './texts';

/** Bytes of a picture, as the server takes them. */
const MOST = 512 * 1024;
const KINDS = ['image/png', 'image/jpeg', 'image/webp'];

/** Name and picture, as colleagues see them. */
export function Person({ me }: { me: Me }) {
  const t = profile.useText();
  const word = common.useText();
  const form = useForm({
    initialValues: { full_name: me.full_name },
    validate: { full_name: (name) => (name.trim().length >= 2 ? null : t('nameNeeded')) },
  });
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<string | null>(null);

  const rename = form.onSubmit(async ({ full_name }) => {
    try {
      const body = { full_name: full_name.trim() };
      replaceMe(await answer(api.PATCH('/api/v1/me', { body })));
      form.resetDirty({ full_name: body.full_name });
      told(common.say('saved'));
    } catch (error) {
      const faults = faultsOf(error);
      form.setErrors(faults);
      if (Object.keys(faults).length === 0) failed(error);
    }
  });

  async function change(picture: File | null) {
    setWhy(null);
    if (picture && !KINDS.includes(picture.type)) return setWhy(t('pictureKind'));
    if (picture && picture.size > MOST) return setWhy(t('pictureSize'));
    setBusy(true);
    try {
      const request = picture
        ? { method: 'PUT', body: picture, headers: { 'content-type': picture.type } }
        : { method: 'DELETE' };
      const response = await send(new Request(`${location.origin}/api/v1/me/avatar`, request));
      const said = await response.json().catch(() => null);
      if (!response.ok) throw refused(response, said);
      const avatar_url = picture ? (said as { avatar_url: string }).avatar_url : null;
      replaceMe({ ...me, avatar_url });
    } catch (error) {
      setWhy(reasonOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Paper withBorder p="lg">
      <Group align="flex-start" gap="lg">
        <Stack gap="xs" align="center">
          <PersonAvatar size={72} name={me.full_name} src={me.avatar_url} />
          <FileButton
            onChange={(picture) => picture && void change(picture)}
            accept={KINDS.join(',')}
            inputProps={{ 'aria-label': t('picture') }}
          >
            {(props) => (
              <Button {...props} size="compact-sm" variant="default" loading={busy}>
                {t('picture')}
              </Button>
            )}
          </FileButton>
          {me.avatar_url && (
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              disabled={busy}
              onClick={() => void change(null)}
            >
              {t('noPicture')}
            </Button>
          )}
        </Stack>
        <form onSubmit={rename} noValidate style={{ flex: 1, minWidth: 220, maxWidth: 420 }}>
          <Stack gap="sm">
            <TextInput
              label={t('name')}
              autoComplete="name"
              required
              maxLength={200}
              {...form.getInputProps('full_name')}
            />
            <Text size="sm" c="dimmed">
              {me.email}
            </Text>
            {why && (
              <Text size="sm" c="red" role="alert">
                {why}
              </Text>
            )}
            <Group>
              <Button type="submit" loading={form.submitting} disabled={!form.isDirty()}>
                {word('save')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Group>
    </Paper>
  );
}
