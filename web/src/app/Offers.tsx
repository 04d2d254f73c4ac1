import { Badge, Button, Group, Kbd, Progress, Text, VisuallyHidden } from '@mantine/core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { PendingHandoff } from '../api/types';
import { ring } from '../conversations/alerts';
import { useAvailability, useSetAvailability } from '../conversations/availability';
import { accept, reject, useOffers, useTakeNext } from '../conversations/offers';
import { known } from '../conversations/queries';
import { clock, phone, span } from '../i18n/format';
import { desk } from './desk-texts';
import classes from './Offers.module.css';
import { paletteActions } from './Palette';
import { useShortcuts } from './shortcuts';
import { app } from './texts';
import { useNow } from './useNow';

/** A ring this often while somebody is asked; milliseconds. */
const RING_EVERY = 4_000;

/** What somebody is asked to take stands on every page, until it is answered or over. */
export function Offers() {
  const t = desk.useText();
  const anywhere = app.useText()('anywhere');
  const navigate = useNavigate();
  const offers = useOffers();
  const [busy, setBusy] = useState<string | null>(null);
  const show = (id: string) => void navigate(`/inbox/${id}`);

  const take = (offer: PendingHandoff | undefined) => {
    if (!offer || busy !== null) return;
    setBusy(offer.id);
    void accept(offer).then((taken) => {
      setBusy(null);
      if (taken) show(offer.conversation_id);
    });
  };
  const leave = (offer: PendingHandoff | undefined) => {
    if (offer && busy !== offer.id) void reject(offer);
  };
  const next = useTakeNext(show);
  const availability = useAvailability();
  const change = useSetAvailability();
  const other = availability === 'away' ? 'available' : 'away';
  const otherLabel = t(availability === 'away' ? 'comeBack' : 'goAway');
  const flip = () => change.mutate(other);

  const first = offers[0];
  useShortcuts([
    { keys: 'Q', label: t('next'), group: anywhere, run: next },
    { keys: 'shift+O', label: otherLabel, group: anywhere, run: flip },
    ...(first
      ? [
          { keys: 'Y', label: t('acceptOffer'), group: anywhere, run: () => take(first) },
          {
            keys: 'alt+Enter',
            label: t('acceptOffer'),
            group: anywhere,
            run: () => take(first),
            everywhere: true,
          },
          { keys: 'D', label: t('rejectOffer'), group: anywhere, run: () => leave(first) },
        ]
      : []),
  ]);
  usePaletteOf([
    { id: 'take-next', label: t('next'), run: next },
    { id: 'availability', label: otherLabel, run: flip },
  ]);
  useRinging(offers.length > 0);
  const box = useRef<HTMLElement>(null);
  useHeight(box);

  return (
    <section
      ref={box}
      className={classes.offers}
      aria-label={t('offers')}
      hidden={offers.length === 0}
    >
      <VisuallyHidden role="alert">
        {first && t('offered', { name: nameOf(first, t('customer')) })}
      </VisuallyHidden>
      {offers.map((offer, at) => (
        <Card
          key={offer.id}
          offer={offer}
          keys={at === 0}
          busy={busy === offer.id}
          onAccept={() => take(offer)}
          onReject={() => leave(offer)}
        />
      ))}
    </section>
  );
}

function nameOf(offer: PendingHandoff, otherwise: string): string {
  return offer.customer_name ?? (offer.phone_number ? phone(offer.phone_number) : otherwise);
}

interface Props {
  offer: PendingHandoff;
  /** Whether the keys are for this one. */
  keys: boolean;
  busy: boolean;
  onAccept: () => void;
  onReject: () => void;
}

function Card({ offer, keys, busy, onAccept, onReject }: Props) {
  const t = desk.useText();
  const now = useNow();
  // The server says when it is over: this machine's clock may be another.
  const left = Math.max(0, Date.parse(offer.offer_expires_at ?? '') - now) || 0;
  // All of it is what there was when it came up here.
  const [whole] = useState(() => Math.max(left, 1));
  const last = known(offer.conversation_id)?.last_message?.text;
  const seconds = Math.ceil(left / 1000);
  return (
    <article className={classes.card} data-testid="offer">
      <Progress
        value={(left / whole) * 100}
        size={4}
        radius={0}
        color={seconds <= 10 ? 'red' : 'brand'}
        aria-label={t('left', { left: clock(seconds) })}
      />
      <div className={classes.body}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text fw={600} truncate>
            {nameOf(offer, t('customer'))}
          </Text>
          <Text size="sm" fw={600} className={classes.seconds} data-testid="offer-left">
            {clock(seconds)}
          </Text>
        </Group>
        <Group gap={6} mt={2}>
          {offer.department_name && (
            <Badge size="sm" variant="light" color="gray">
              {offer.department_name}
            </Badge>
          )}
          {offer.priority !== 'medium' && (
            <Badge
              size="sm"
              variant="light"
              color={
                offer.priority === 'urgent' ? 'red' : offer.priority === 'high' ? 'orange' : 'gray'
              }
            >
              {t(offer.priority as 'high')}
            </Badge>
          )}
          <Text size="xs" c="dimmed">
            {t('waits', { span: span(Math.max(0, now - Date.parse(offer.waiting_since))) })}
          </Text>
        </Group>
        {(offer.reason || last) && (
          <Text size="sm" mt={6} lineClamp={2}>
            {offer.reason || last}
          </Text>
        )}
        <Group gap="xs" mt="sm" grow>
          <Button
            size="sm"
            loading={busy}
            onClick={onAccept}
            rightSection={
              keys && (
                <Kbd size="xs" visibleFrom="sm">
                  Y
                </Kbd>
              )
            }
            aria-keyshortcuts={keys ? 'Y Alt+Enter' : undefined}
            data-testid="accept-offer"
          >
            {t('accept')}
          </Button>
          <Button
            size="sm"
            variant="default"
            disabled={busy}
            onClick={onReject}
            rightSection={
              keys && (
                <Kbd size="xs" visibleFrom="sm">
                  D
                </Kbd>
              )
            }
            aria-keyshortcuts={keys ? 'D' : undefined}
            data-testid="reject-offer"
          >
            {t('reject')}
          </Button>
        </Group>
      </div>
    </article>
  );
}

/** What else stands in this corner is above: says how much room this takes. */
function useHeight(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { style } = document.documentElement;
    const watching = new ResizeObserver(() => {
      const height = box.current?.offsetHeight ?? 0;
      style.setProperty('--offers', `${height > 0 ? height + 10 : 0}px`);
    });
    if (box.current) watching.observe(box.current);
    return () => {
      watching.disconnect();
      style.removeProperty('--offers');
    };
  }, [box]);
}

/** Rings as long as somebody is asked. */
function useRinging(asked: boolean): void {
  useEffect(() => {
    if (!asked) return;
    ring();
    const again = setInterval(ring, RING_EVERY);
    return () => clearInterval(again);
  }, [asked]);
}

function usePaletteOf(actions: { id: string; label: string; run: () => void }[]): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  const shown = actions.map(({ id, label }) => `${id}/${label}`).join();
  useEffect(() => {
    if (shown === '') return;
    const mine = latest.current.map(({ id, label }, at) => ({
      id,
      label,
      run: () => latest.current[at]?.run(),
    }));
    paletteActions.set((now) => [...now, ...mine]);
    return () => paletteActions.set((now) => now.filter((one) => !mine.includes(one)));
  }, [shown]);
}
