import { Badge, Tabs } from '@mantine/core';
import { rowsOf } from '../../api/directory';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { ActorTree } from './ActorTree';
import { DeadLetters } from './DeadLetters';
import { Incidents } from './Incidents';
import { Jobs } from './Jobs';
import { Quarantine } from './Quarantine';
import { useDeadLetters, useJobs, useQuarantine } from './queries';
import { engine } from './texts';

const TABS = ['now', 'quarantine', 'dead', 'jobs', 'incidents'] as const;

/** What runs, and what needs somebody. */
export default function Engine() {
  const t = engine.useText();
  const [asked, open] = useQueryParam('tab');
  const tab = TABS.find((one) => one === asked) ?? 'now';
  const quarantined = rowsOf(useQuarantine().data).length;
  const dead = rowsOf(useDeadLetters().data).length;
  const failed = rowsOf(useJobs('dead').data).length;
  return (
    <PageFrame title={t('title')} description={t('description')} wide>
      <Tabs value={tab} onChange={(value) => open(value === 'now' ? null : value)}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="now">{t('nowTab')}</Tabs.Tab>
          <Tabs.Tab value="quarantine" rightSection={<Count of={quarantined} />}>
            {t('quarantineTab')}
          </Tabs.Tab>
          <Tabs.Tab value="dead" rightSection={<Count of={dead} />}>
            {t('deadTab')}
          </Tabs.Tab>
          <Tabs.Tab value="jobs" rightSection={<Count of={failed} />}>
            {t('jobsTab')}
          </Tabs.Tab>
          <Tabs.Tab value="incidents">{t('incidentsTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="now">{tab === 'now' && <ActorTree />}</Tabs.Panel>
        <Tabs.Panel value="quarantine">{tab === 'quarantine' && <Quarantine />}</Tabs.Panel>
        <Tabs.Panel value="dead">{tab === 'dead' && <DeadLetters />}</Tabs.Panel>
        <Tabs.Panel value="jobs">{tab === 'jobs' && <Jobs />}</Tabs.Panel>
        <Tabs.Panel value="incidents">{tab === 'incidents' && <Incidents />}</Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function Count({ of }: { of: number }) {
  if (of === 0) return null;
  return (
    <Badge size="sm" color="red" variant="light">
      {of}
    </Badge>
  );
}
