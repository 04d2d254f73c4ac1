import { Button, Center } from '@mantine/core';
import { common } from '../i18n/common';

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Below a list of which there is more. */
export function MoreRows({ query }: { query: Paged }) {
  const word = common.useText();
  if (!query.hasNextPage) return null;
  return (
    <Center>
      <Button
        variant="subtle"
        loading={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {word('more')}
      </Button>
    </Center>
  );
}
