import { Paper, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './TablePane.module.css';

/** Around a table that is the page: a pane of its own, which a phone may scroll. */
export function TablePane({ children }: { children: ReactNode }) {
  return (
    <Paper withBorder className={classes.pane} style={{ overflow: 'hidden' }}>
      <Table.ScrollContainer minWidth={0}>{children}</Table.ScrollContainer>
    </Paper>
  );
}
