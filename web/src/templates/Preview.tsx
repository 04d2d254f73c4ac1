import { Text } from '@mantine/core';
import { formatted } from '../conversations/formatting';
import type { Form, Values } from './form';
import { shown } from './form';
import classes from './Templates.module.css';
import { templates } from './texts';

/** What the customer reads. */
export function Preview({ form, values }: { form: Form; values: Values }) {
  const t = templates.useText();
  const { header, text, footer, buttons } = shown(form, values);
  return (
    <section aria-label={t('preview')} data-testid="template-preview">
      <Text size="xs" c="dimmed" mb={4} aria-hidden>
        {t('preview')}
      </Text>
      <div className={classes.ground}>
        <div className={classes.bubble}>
          {header && <div className={classes.header}>{header}</div>}
          <div className={classes.words}>{formatted(text)}</div>
          {footer && <div className={classes.footer}>{footer}</div>}
        </div>
        {buttons.map((button, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: buttons have no names of their own.
          <div key={at} className={classes.button}>
            {button}
          </div>
        ))}
      </div>
    </section>
  );
}
