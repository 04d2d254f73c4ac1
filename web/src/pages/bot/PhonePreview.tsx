import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { USUAL_WORDS } from '../../api/notices';
import classes from './Bot.module.css';
import { filled, type MenuNode, type Node, shapeOf } from './flow';
import { type Piece, piecesOf } from './markup';
import { bot } from './texts';

/** A step as the customer's phone will show it. */
export function PhonePreview({ node }: { node: Node }) {
  return (
    <div className={classes.phone} data-testid="phone-preview">
      <Shown node={node} />
    </div>
  );
}

function Shown({ node }: { node: Node }) {
  const t = bot.useText();
  if (node.type === 'hours') return <Nothing>{t('hoursPreview')}</Nothing>;
  if (node.type === 'menu') return <Menu node={node} />;
  const text = node.type === 'handoff' ? (node.text ?? USUAL_WORDS.handoff) : node.text;
  if (text) return <Bubble text={text} />;
  return <Nothing>{node.type === 'close' ? t('closePreview') : t('noText')}</Nothing>;
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" ta="center" c="light-dark(#4a5257, #b9c5cb)">
      {children}
    </Text>
  );
}

/** What the business says. */
export function Bubble({
  text,
  children,
  header,
  footer,
}: {
  text: string;
  header?: string;
  footer?: string;
  children?: ReactNode;
}) {
  const t = bot.useText();
  return (
    <>
      <div className={classes.bubble}>
        {header && <strong>{`${header}\n`}</strong>}
        <Marked text={filled(text, { name: t('exampleName') })} />
        {footer && <div className={classes.footer}>{footer}</div>}
      </div>
      {children}
    </>
  );
}

function Menu({ node }: { node: MenuNode }) {
  const t = bot.useText();
  const shape = shapeOf(node);
  if (!node.text) return <Nothing>{t('noText')}</Nothing>;
  if (shape === 'numbers') {
    const lines = node.options.map(
      ({ title, description }, at) =>
        `\n${at + 1}. ${title}${description ? ` – ${description}` : ''}`,
    );
    const header = node.header ? `*${node.header}*\n\n` : '';
    const footer = node.footer ? `\n\n_${node.footer}_` : '';
    return <Bubble text={`${header}${node.text}\n${lines.join('')}${footer}`} />;
  }
  return (
    <Bubble text={node.text} header={node.header} footer={node.footer}>
      {shape === 'buttons' ? (
        node.options.map(({ id, title }) => (
          <div key={id} className={classes.reply}>
            {title || '…'}
          </div>
        ))
      ) : (
        <>
          <div className={classes.reply}>☰ {node.button || t('listButton')}</div>
          <div className={classes.rows}>
            {node.options.map(({ id, title, description }) => (
              <div key={id} className={classes.row}>
                {title || '…'}
                {description && <div className={classes.footer}>{description}</div>}
              </div>
            ))}
          </div>
        </>
      )}
    </Bubble>
  );
}

const TAGS = { bold: 'strong', italic: 'em', struck: 's', fixed: 'code', plain: 'span' } as const;

function Marked({ text }: { text: string }) {
  return piecesOf(text).map(({ text: words, style }: Piece, at) => {
    const Tag = TAGS[style];
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no names but their places.
    return <Tag key={at}>{words}</Tag>;
  });
}
