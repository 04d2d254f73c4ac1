import { later } from '../../app/later';
import { useQueryParam } from '../../app/useQueryParam';
import type { ScheduledOf } from '../../conversations/scheduled';

const ScheduledModal = later(() =>
  import('./ScheduledModal').then((found) => found.ScheduledModal),
);

/** What is said later stands in the address while it is looked at: `?<name>=scheduled`. */
export function useScheduledModal(name: 'scheduled' | 'mine', of: ScheduledOf) {
  const [asked, ask] = useQueryParam(name);
  const modal = asked !== null && (
    <ScheduledModal
      of={of}
      state={asked === 'failed' ? 'failed' : 'scheduled'}
      onState={ask}
      onClose={() => ask(null)}
    />
  );
  return { modal, open: () => ask('scheduled') };
}
