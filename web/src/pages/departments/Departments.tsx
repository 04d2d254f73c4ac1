import { Button, Paper } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useDepartments } from '../../api/directory';
import { usePolicy } from '../../api/policy';
import { Loaded } from '../../app/Loaded';
import { PageFrame } from '../../app/PageFrame';
import { useQueryParam } from '../../app/useQueryParam';
import { CompanyHours } from './CompanyHours';
import { DepartmentHours } from './DepartmentHours';
import { DepartmentList } from './DepartmentList';
import classes from './Departments.module.css';
import { NameDialog } from './NameDialog';
import { departments } from './texts';

/** The departments, and when somebody attends in each. */
export default function Departments() {
  const t = departments.useText();
  const list = useDepartments();
  const policy = usePolicy();
  const [chosen, choose] = useQueryParam('department');
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
              <DepartmentList departments={all} chosen={department?.id ?? null} choose={choose} />
              <Paper withBorder p="lg">
                <Loaded query={policy} rows={8}>
                  {(rules) =>
                    department ? (
                      <DepartmentHours
                        key={department.id}
                        department={department}
                        company={rules.business_hours}
                      />
                    ) : (
                      <CompanyHours policy={rules} />
                    )
                  }
                </Loaded>
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
