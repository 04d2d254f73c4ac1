import { Tabs } from '@mantine/core';
import { IconAdjustments, IconLock, IconMessage, IconRoute, IconStar } from '@tabler/icons-react';
import { me } from '../../api/session';
import { EmptyState } from '../../app/EmptyState';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { FlowTab } from './FlowTab';
import { Notices } from './Notices';
import { Rules } from './Rules';
import { Survey } from './Survey';
import { bot } from './texts';

const TABS = ['flow', 'notices', 'rules', 'survey'] as const;

/** What the bot says, asks and waits for. */
export default function Bot() {
  const t = bot.useText();
  const [asked, open] = useQueryParam('tab');
  const tab = TABS.find((one) => one === asked) ?? 'flow';
  const administers = me().permissions.includes('company:manage');
  const closed = (
    <EmptyState icon={IconLock} title={t('adminsOnly')}>
      {t('adminsOnlyHint')}
    </EmptyState>
  );
  return (
    <PageFrame title={t('title')} description={t('description')} wide>
      <Tabs value={tab} onChange={(value) => open(value === 'flow' ? null : value)}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="flow" leftSection={<IconRoute size={16} aria-hidden />}>
            {t('flowTab')}
          </Tabs.Tab>
          <Tabs.Tab value="notices" leftSection={<IconMessage size={16} aria-hidden />}>
            {t('noticesTab')}
          </Tabs.Tab>
          <Tabs.Tab value="rules" leftSection={<IconAdjustments size={16} aria-hidden />}>
            {t('rulesTab')}
          </Tabs.Tab>
          <Tabs.Tab value="survey" leftSection={<IconStar size={16} aria-hidden />}>
            {t('surveyTab')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="flow">{tab === 'flow' && <FlowTab />}</Tabs.Panel>
        <Tabs.Panel value="notices">
          {tab === 'notices' && (administers ? <Notices /> : closed)}
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          {tab === 'rules' && (administers ? <Rules /> : closed)}
        </Tabs.Panel>
        <Tabs.Panel value="survey">
          {tab === 'survey' && (administers ? <Survey /> : closed)}
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}
