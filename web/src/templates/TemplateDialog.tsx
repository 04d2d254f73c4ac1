import { Button, Group, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowLeft, IconClock, IconSend2 } from '@tabler/icons-react';
import { useState } from 'react';
import { Dialog } from '../app/Dialog';
import { Waiting } from '../app/Loaded';
import type { Filled, Shown, Template } from './form';
import { shown } from './form';
import { APPROVED, useTemplates } from './queries';
import { TemplateFields } from './TemplateFields';
import { TemplateList } from './TemplateList';
import { templates } from './texts';
import { useFilling } from './useFilling';

interface Props {
  /** The number that it goes out from. */
  channel: string;
  /** One that was filled in before. */
  begun?: Filled | undefined;
  onSend: (filled: Filled, shown: Shown) => void;
  /** Where it can be sent at another time, too. */
  onLater?: (filled: Filled, shown: Shown) => void;
  onClose: () => void;
}

/** Chooses a template, fills it in and gives it away. */
export function TemplateDialog({ begun, ...props }: Props) {
  const t = templates.useText();
  const small = useMediaQuery('(max-width: 48em)');
  const [chosen, setChosen] = useState<Template | null>(null);
  const [earlier, setEarlier] = useState(begun);
  const before = useTemplates(
    { channel: props.channel, status: APPROVED, q: begun?.name ?? '' },
    earlier !== undefined,
  );
  const again = earlier && before.rows.find((one) => isOf(one, earlier));
  const template = chosen ?? again;
  const other = () => {
    setChosen(null);
    setEarlier(undefined);
  };
  return (
    <Dialog title={t('choose')} onClose={props.onClose} size="lg" fullScreen={small ?? false}>
      {template ? (
        <Fill
          key={`${template.name}/${template.language}`}
          {...props}
          template={template}
          begun={earlier}
          onOther={other}
        />
      ) : earlier && before.isPending ? (
        <Waiting />
      ) : (
        <TemplateList channel={props.channel} onPick={setChosen} />
      )}
    </Dialog>
  );
}

const isOf = (template: Template, { name, language }: Filled) =>
  template.name === name && template.language === language;

function Fill({
  template,
  begun,
  onSend,
  onLater,
  onOther,
}: Props & { template: Template; onOther: () => void }) {
  const t = templates.useText();
  const filling = useFilling(template, begun);
  const give = (to: Props['onSend']) => {
    const filled = filling.take();
    if (filled) to(filled, shown(filling.form, filling.values));
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        give(onSend);
      }}
    >
      <Stack>
        <TemplateFields filling={filling} />
        <Group justify="space-between" gap="xs">
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            onClick={onOther}
          >
            {t('other')}
          </Button>
          <Group gap="xs" ml="auto">
            {onLater && (
              <Button
                variant="default"
                leftSection={<IconClock size={16} aria-hidden />}
                onClick={() => give(onLater)}
              >
                {t('later')}
              </Button>
            )}
            <Button
              type="submit"
              leftSection={<IconSend2 size={16} aria-hidden />}
              autoFocus={filling.form.slots.length === 0}
              data-testid="send-template"
            >
              {t('send')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
