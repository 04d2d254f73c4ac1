import { Paper, Stack, Switch, Title } from '@mantine/core';
import { useState } from 'react';
import { session } from '../../api/session';
import { PageFrame } from '../../app/PageFrame';
import { prefer, preferences } from '../../preferences';
import { useStore } from '../../store';
import { ChangePassword } from './ChangePassword';
import { Person } from './Person';
import { Sessions } from './Sessions';
import { TwoFactor } from './TwoFactor';
import { profile } from './texts';

export default function Profile() {
  const t = profile.useText();
  const now = useStore(session);
  if (now.state !== 'in') return null;
  return (
    <PageFrame title={t('title')}>
      <Person me={now.me} />
      <Preferences />
      <ChangePassword />
      <TwoFactor me={now.me} />
      <Sessions />
    </PageFrame>
  );
}

function Preferences() {
  const t = profile.useText();
  const { sound, desktop, enterSends } = useStore(preferences);
  const [denied, setDenied] = useState(false);

  async function wantDesktop(wanted: boolean) {
    setDenied(false);
    if (!wanted) return prefer({ desktop: false });
    const given = 'Notification' in window && (await Notification.requestPermission());
    setDenied(given !== 'granted');
    prefer({ desktop: given === 'granted' });
  }

  return (
    <Paper withBorder p="lg">
      <Stack>
        <Title order={2} size="h5">
          {t('preferences')}
        </Title>
        <Switch
          label={t('sound')}
          checked={sound}
          onChange={(event) => prefer({ sound: event.currentTarget.checked })}
        />
        <Switch
          label={t('desktop')}
          description={t('desktopHint')}
          error={denied && t('desktopDenied')}
          checked={desktop}
          onChange={(event) => void wantDesktop(event.currentTarget.checked)}
        />
        <Switch
          label={t('enterSends')}
          description={t('enterHint')}
          checked={enterSends}
          onChange={(event) => prefer({ enterSends: event.currentTarget.checked })}
        />
      </Stack>
    </Paper>
  );
}
