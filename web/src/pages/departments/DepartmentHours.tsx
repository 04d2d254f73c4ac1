import { Button, Stack } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import type { BusinessHours } from '../../api/policy';
import type { Department } from '../../api/types';
import { useKept } from '../../app/kept';
import { failed, told } from '../../app/notify';
import { SaveBar } from '../../app/SaveBar';
import { common } from '../../i18n/common';
import { HoursEditor } from './HoursEditor';
import { draftOf, faultsIn, hoursOf } from './hours';
import { NameDialog } from './NameDialog';
import { useChangeDepartment } from './queries';
import { departments } from './texts';

/** A department's hours: its own, or the company's. */
export function DepartmentHours({
  department,
  company,
}: {
  department: Department;
  company: BusinessHours;
}) {
  const t = departments.useText();
  const word = common.useText();
  const save = useChangeDepartment();
  const [renaming, setRenaming] = useState(false);
  const stored = department.business_hours as unknown as BusinessHours | null;
  // Whoever begins with hours of their own has the company's zone and closed days.
  const before = stored ? draftOf(stored) : { ...draftOf(company), mode: 'follow' as const };
  const [draft, setDraft] = useKept(`hours:${department.id}`, before);
  const changed = JSON.stringify(hoursOf(draft)) !== JSON.stringify(hoursOf(before));

  async function store() {
    try {
      const change = { business_hours: hoursOf(draft) };
      await save.mutateAsync({ id: department.id, change });
      told(word('saved'));
    } catch (error) {
      failed(error);
    }
  }

  return (
    <Stack gap="lg">
      <HoursEditor
        draft={draft}
        onChange={setDraft}
        title={department.name}
        company={draftOf(company)}
        actions={
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPencil size={14} aria-hidden />}
            onClick={() => setRenaming(true)}
          >
            {t('rename')}
          </Button>
        }
      />
      <SaveBar
        changed={changed}
        saving={save.isPending}
        blocked={Object.keys(faultsIn(draft)).length > 0}
        onSave={() => void store()}
        onDiscard={() => setDraft(before)}
      />
      {renaming && (
        <NameDialog
          department={department}
          position={department.position}
          onClose={() => setRenaming(false)}
        />
      )}
    </Stack>
  );
}
