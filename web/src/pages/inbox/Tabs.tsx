import { Button, Group, Menu } from '@mantine/core';
import { IconChevronDown, IconClock, IconDots } from '@tabler/icons-react';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { me } from '../../api/session';
import { useQueryParam } from '../../app/useQueryParam';
import { type Filter, MORE, TABS } from '../../conversations/filters';
import { countOf, useStats } from '../../conversations/stats';
import classes from './Tabs.module.css';
import { inbox } from './texts';

/** The lists, with how many there are in each. Those that find no room stand in the menu. */
export function Tabs({ filter, onFilter }: { filter: Filter; onFilter: (next: Filter) => void }) {
  const t = inbox.useText();
  const { data: stats } = useStats();
  const [, askMine] = useQueryParam('mine');
  const [box, fitting] = useFirstLine();
  const behind: readonly Filter[] = [...TABS.slice(fitting), ...MORE];
  const chosen = behind.includes(filter);
  const count = (one: Filter) => {
    const there = countOf(stats, one);
    return there > 0 && <span className={classes.count}>{there > 999 ? '999+' : there}</span>;
  };
  return (
    <Group gap={0} wrap="nowrap">
      <div className={classes.tabs} ref={box}>
        {TABS.map((one, at) => (
          <Button
            key={one}
            size="compact-xs"
            className={classes.tab}
            style={{ visibility: at < fitting ? undefined : 'hidden' }}
            variant={one === filter ? 'light' : 'subtle'}
            color={one === filter ? 'brand' : 'gray'}
            aria-pressed={one === filter}
            onClick={() => onFilter(one)}
          >
            {t(one)} {count(one)}
          </Button>
        ))}
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="compact-xs"
            className={classes.tab}
            variant={chosen ? 'light' : 'subtle'}
            color={chosen ? 'brand' : 'gray'}
            rightSection={chosen && <IconChevronDown size={12} aria-hidden />}
            title={t('moreLists')}
            aria-label={chosen ? t('moreListsAnd', { name: t(filter) }) : t('moreLists')}
            data-testid="more-lists"
          >
            {chosen ? t(filter) : <IconDots size={16} aria-hidden />}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {behind.map((one) => (
            <Menu.Item
              key={one}
              aria-current={one === filter || undefined}
              rightSection={count(one)}
              onClick={() => onFilter(one)}
            >
              {t(one)}
            </Menu.Item>
          ))}
          {me().permissions.includes('conversation:attend') && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconClock size={16} aria-hidden />}
                onClick={() => askMine('scheduled')}
                data-testid="scheduled-mine"
              >
                {t('scheduledMine')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

/** How many of a box's children stand on its first line; the others are below it. */
function useFirstLine(): [RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [fitting, setFitting] = useState<number>(TABS.length);
  useLayoutEffect(() => {
    const all = Array.from(box.current?.children ?? []).filter((one) => one instanceof HTMLElement);
    const measure = () => {
      const below = all.findIndex((one) => one.offsetTop > (all[0]?.offsetTop ?? 0));
      setFitting(below < 0 ? all.length : below);
    };
    measure();
    // A count that grows takes room, too.
    const watching = new ResizeObserver(measure);
    for (const one of [box.current, ...all]) if (one) watching.observe(one);
    return () => watching.disconnect();
  }, []);
  return [box, fitting];
}
