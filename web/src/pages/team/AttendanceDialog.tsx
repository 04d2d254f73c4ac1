import { Badge, Button, Group, NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { faultsOf } from '../../api/faults';
import type { User } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { Loaded } from '../../app/Loaded';
import { failed, told } from '../../app/notify';
import { SkillsInput } from '../../app/SkillsInput';
import { common } from '../../i18n/common';
import { type Attendance, useAttendance, useChangeAttendance } from './queries';
import { team } from './texts';

/** What somebody can do, at most. */
const SKILLS_MAX = 30;
const CAPACITY_MAX = 500;

/** How many conversations somebody has at once, and what they can do. */
export function AttendanceDialog({ person, onClose }: { person: User; onClose: () => void }) {
  const t = team.useText();
  const attendance = useAttendance(person.id);
  return (
    <Dialog onClose={onClose} title={t('attendanceTitle', { name: person.full_name })}>
      <Loaded query={attendance}>
        {(known) => <AttendanceForm id={person.id} known={known} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

function AttendanceForm({
  id,
  known,
  onClose,
}: {
  id: string;
  known: Attendance;
  onClose: () => void;
}) {
  const t = team.useText();
  const word = common.useText();
  const change = useChangeAttendance(id);
  const [capacity, setCapacity] = useState(known.capacity);
  const [skills, setSkills] = useState(known.skills);
  const faults = faultsOf(change.error);
  const available = known.availability === 'available';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { capacity, skills },
          {
            onSuccess: () => {
              told(word('saved'));
              onClose();
            },
            onError: (error) => {
              if (Object.keys(faultsOf(error)).length === 0) failed(error);
            },
          },
        );
      }}
    >
      <Stack>
        <Group>
          <Badge color={available ? 'green' : 'gray'} variant="light">
            {t(available ? 'available' : 'away')}
          </Badge>
        </Group>
        <NumberInput
          label={t('capacity')}
          description={t('capacityHint')}
          min={0}
          max={CAPACITY_MAX}
          allowDecimal={false}
          data-autofocus
          value={capacity}
          onChange={(value) => typeof value === 'number' && setCapacity(value)}
          error={faults.capacity}
        />
        <SkillsInput
          label={t('skills')}
          description={t('skillsHint')}
          max={SKILLS_MAX}
          value={skills}
          onChange={setSkills}
          error={faults.skills}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {word('cancel')}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {word('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
