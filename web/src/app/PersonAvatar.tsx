import { Avatar, type AvatarProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { picture } from '../api/picture';

/** Long enough for who comes back to a page; milliseconds. */
const KEPT = 10 * 60_000;

/**
 * An uploaded picture as an `<img>` can show it, which cannot say who asks. Pictures elsewhere stay
 * out: the page loads nothing from there.
 */
function useShown(address: string | null | undefined): string | undefined {
  const own = address?.startsWith('/api/') ? address : undefined;
  const { data } = useQuery({
    queryKey: ['picture', own],
    queryFn: ({ signal }) => picture(own ?? '', signal),
    enabled: own !== undefined,
    // Another picture has another address.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT,
  });
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    if (!own || !data) return;
    const made = URL.createObjectURL(data);
    setShown(made);
    return () => {
      setShown(undefined);
      URL.revokeObjectURL(made);
    };
  }, [own, data]);
  return shown;
}

/** Somebody's uploaded picture; their initials where there is none, or not yet. */
export function PersonAvatar({
  src,
  ...props
}: Omit<AvatarProps, 'src'> & { src: string | null | undefined; 'aria-hidden'?: boolean }) {
  return <Avatar color="initials" {...props} src={useShown(src)} />;
}
