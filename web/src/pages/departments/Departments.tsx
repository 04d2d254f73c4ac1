import { Button, Paper, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useDepartments } from '../../api/directory';
import { STRATEGIES, usePolicy } from '../../api/policy';
import type { Department } from '../../api/types';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { CompanyHours } from './CompanyHours';
import { DepartmentHours } from './DepartmentHours';
import { DepartmentList } from './DepartmentList';
import classes from './Departments.module.css';
import { NameDialog } from './NameDialog';
import { CompanyRouting, DepartmentRouting } from './Routing';
import { departments } from './texts';

/** The departments, and when somebody attends in each. */
export default function Departments() {
  const t = departments.useText();
  const list = useDepartments();
  const policy = usePolicy();
  const [chosen, choose] = useQueryParam('department');
  const [asked, open] = useQueryParam('tab');
  const tab = asked === 'routing' ? 'routing' : 'hours';
  const [adding, setAdding] = useState(false);
  return (
    <PageFrame
      title={t('title')}
      description={t('description')}
      wide
      actions={
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setAdding(true)}
          data-testid="add-department"
        >
          {t('add')}
        </Button>
      }
    >
      <Loaded query={list}>
        {(all) => {
          const department = all.find(({ id }) => id === chosen);
          return (
            <div className={classes.grid}>
              <DepartmentList
                departments={all}
                chosen={department?.id ?? null}
                choose={choose}
                hintOf={(one) => t(hintKey(tab, one))}
              />
              <Paper withBorder p="lg" pt="xs">
                <Tabs value={tab} onChange={(value) => open(value === 'hours' ? null : value)}>
                  <Tabs.List mb="lg" aria-label={t('tabs')}>
                    <Tabs.Tab value="hours">{t('hoursTab')}</Tabs.Tab>
                    <Tabs.Tab value="routing">{t('routingTab')}</Tabs.Tab>
                  </Tabs.List>
                  <Loaded query={policy} rows={8}>
                    {(rules) => (
                      <>
                        <Tabs.Panel value="hours">
                          {department ? (
                            <DepartmentHours
                              key={department.id}
                              department={department}
                              company={rules.business_hours}
                            />
                          ) : (
                            <CompanyHours policy={rules} />
                          )}
                        </Tabs.Panel>
                        <Tabs.Panel value="routing">
                          {department ? (
                            <DepartmentRouting key={department.id} department={department} />
                          ) : (
                            <CompanyRouting policy={rules} />
                          )}
                        </Tabs.Panel>
                      </>
                    )}
                  </Loaded>
                </Tabs>
              </Paper>
            </div>
          );
        }}
      </Loaded>
      {adding && (
        <NameDialog
          position={list.data?.length ?? 0}
          onClose={() => setAdding(false)}
          onCreated={({ id }) => choose(id)}
        />
      )}
    </PageFrame>
  );
}

/** What the list says of the company or a department: as they are in what is open. */
function hintKey(tab: 'hours' | 'routing', department: Department | null) {
  if (tab === 'routing') {
    if (!department) return 'companyRouting';
    return STRATEGIES.find((one) => one === department.strategy) ?? 'pull';
  }
  if (!department) return 'companyHint';
  return department.business_hours ? 'own' : 'follow';
}
