import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowLeft, IconSend2, IconUserCheck } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../../api/errors';
import { faultsOf, reasonOf } from '../../api/faults';
import { Dialog } from '../../app/Dialog';
import { useKept } from '../../app/kept';
import { Loaded } from '../../app/Loaded';
import { told } from '../../app/notify';
import { type OwnNumber, useNumbers } from '../../conversations/numbers';
import { dialled, masked } from '../../i18n/format';
import { recall, remember } from '../../local';
import type { Template } from '../../templates/form';
import { TemplateFields } from '../../templates/TemplateFields';
import { TemplateList } from '../../templates/TemplateList';
import { templates } from '../../templates/texts';
import { useFilling } from '../../templates/useFilling';
import { conversationWith, starter } from './start';
import { inbox } from './texts';

/** Writes to somebody first: from which number, to whom, and by which template. */
export function NewConversation({ phone, onClose }: { phone: string; onClose: () => void }) {
  const t = inbox.useText();
  const small = useMediaQuery('(max-width: 48em)');
  const numbers = useNumbers();
  return (
    <Dialog title={t('newConversation')} onClose={onClose} size="lg" fullScreen={small ?? false}>
      <Loaded query={numbers} rows={3}>
        {(all) =>
          all.length > 0 ? (
            <Whom numbers={all} begun={phone} />
          ) : (
            <Text c="dimmed">{t('noNumbers')}</Text>
          )
        }
      </Loaded>
    </Dialog>
  );
}

interface To {
  channel: string;
  phone: string;
  name: string;
}

function Whom({ numbers, begun }: { numbers: OwnNumber[]; begun: string }) {
  const t = inbox.useText();
  const [nobody] = useState<To>(() => {
    const last = recall<string | null>('number', null);
    const known = numbers.find(({ id }) => id === last) ?? numbers[0];
    return { channel: known?.id ?? '', phone: masked(begun), name: '' };
  });
  const [whom, setWhom, forget] = useKept('new-conversation', nobody);
  const [template, setTemplate] = useState<Template | null>(null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const change = (next: Partial<To>) => {
    setWhom((now) => ({ ...now, ...next }));
    setFaults({});
  };
  const number = dialled(whom.phone);
  const noPhone = t('noPhone');

  return (
    <Stack gap="sm">
      {numbers.length > 1 && (
        <Select
          label={t('fromNumber')}
          data={numbers.map(({ id, name }) => ({ value: id, label: name }))}
          value={whom.channel}
          onChange={(channel) => {
            if (!channel) return;
            change({ channel });
            remember('number', channel);
            // Another number may belong to another account, with templates of its own.
            setTemplate(null);
          }}
          allowDeselect={false}
          error={faults.channel_id}
        />
      )}
      <Group grow align="flex-start" gap="sm" preventGrowOverflow={false}>
        <TextInput
          label={t('toPhone')}
          description={t('toPhoneHint')}
          type="tel"
          autoComplete="off"
          required
          miw={200}
          maxLength={40}
          value={whom.phone}
          error={faults.phone}
          onChange={({ currentTarget: { value, selectionEnd } }) =>
            // Whoever mends something in the middle stays there.
            change({ phone: selectionEnd === value.length ? masked(value) : value })
          }
          onBlur={() => {
            if (whom.phone && !number) setFaults((now) => ({ ...now, phone: noPhone }));
          }}
          data-autofocus
          autoFocus
          data-testid="new-phone"
        />
        <TextInput
          label={t('toName')}
          description={t('toNameHint')}
          autoComplete="off"
          miw={200}
          maxLength={200}
          value={whom.name}
          error={faults.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      </Group>
      {template ? (
        <Say
          key={`${template.name}/${template.language}`}
          template={template}
          whom={whom}
          onOther={() => setTemplate(null)}
          check={() => {
            if (number) return true;
            setFaults({ phone: noPhone });
            return false;
          }}
          onFaults={setFaults}
          onStarted={forget}
        />
      ) : (
        <TemplateList
          key={whom.channel}
          channel={whom.channel}
          onPick={setTemplate}
          autoFocus={false}
        />
      )}
    </Stack>
  );
}

/** What became of it, where it did not become a conversation. */
type Refused = { led: true; by: string | null; open: string | null } | { led: false; why: string };

function Say({
  template,
  whom,
  check,
  onFaults,
  onOther,
  onStarted,
}: {
  template: Template;
  whom: To;
  check: () => boolean;
  onFaults: (faults: Record<string, string>) => void;
  onOther: () => void;
  onStarted: () => void;
}) {
  const t = inbox.useText();
  const word = templates.useText();
  const navigate = useNavigate();
  const filling = useFilling(template);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const start = useRef(starter());

  // The dialog stands in the address: another one closes it.
  const open = (id: string) => void navigate(`/inbox/${id}`);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const filled = filling.take();
    if (!check() || !filled || busy) return;
    setBusy(true);
    setRefused(null);
    try {
      const { conversation_id } = await start.current({ ...whom, template: filled });
      onStarted();
      told(t('started'));
      open(conversation_id);
    } catch (error) {
      setRefused(await understood(error));
    } finally {
      setBusy(false);
    }
  };

  const understood = async (error: unknown): Promise<Refused | null> => {
    if (!(error instanceof ApiError)) return { led: false, why: reasonOf(error) };
    if (error.code === 'assigned_to_another') {
      const { name } = error.details;
      const number = dialled(whom.phone) ?? whom.phone;
      const found = await conversationWith(number, whom.channel).catch(() => null);
      return { led: true, by: typeof name === 'string' ? name : null, open: found };
    }
    const faults = faultsOf(error);
    const mine = ['phone', 'name', 'channel_id'].some((field) => faults[field]);
    onFaults(faults);
    const others = filling.refuse(error);
    if (mine) return null;
    if (error.fields.length > 0) return others[0] ? { led: false, why: others[0] } : null;
    return { led: false, why: reasonOf(error) };
  };

  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TemplateFields filling={filling} />
        {refused?.led && (
          <Alert
            color="yellow"
            role="status"
            icon={<IconUserCheck size={18} aria-hidden />}
            title={refused.by ? t('ledAlready', { name: refused.by }) : t('ledBySomebody')}
            data-testid="led-already"
          >
            <Group justify="space-between" gap="sm">
              <Text size="sm">{t(refused.open ? 'ledHint' : 'ledUnseen')}</Text>
              {refused.open && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => refused.open && open(refused.open)}
                >
                  {t('lookAtIt')}
                </Button>
              )}
            </Group>
          </Alert>
        )}
        {refused?.led === false && (
          <Alert color="red" role="alert">
            {refused.why}
          </Alert>
        )}
        <Group justify="space-between" gap="xs">
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            onClick={onOther}
          >
            {word('other')}
          </Button>
          <Button
            type="submit"
            loading={busy}
            leftSection={<IconSend2 size={16} aria-hidden />}
            autoFocus={filling.form.slots.length === 0}
            data-testid="start-conversation"
          >
            {t('start')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
