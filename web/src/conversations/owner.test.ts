import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import type { Conversation } from '../api/types';
import { learnNames } from './names';
import { newOwner } from './owner';
import { fetchConversation } from './queries';

vi.mock('./queries', () => ({ fetchConversation: vi.fn() }));

const lost = (details: Record<string, unknown>) =>
  new ApiError(409, 'assigned_to_another', 'Outro atendente conduz esta conversa', details);

beforeEach(() => {
  // Whoever has lost cannot see it any more.
  vi.mocked(fetchConversation)
    .mockReset()
    .mockRejectedValue(new ApiError(404, 'not_found', ''));
});

it('is who the refusal names', async () => {
  learnNames([], [{ id: 'u2', full_name: 'Bruno' }]);
  expect(await newOwner(lost({ by: 'u1', name: 'Ana' }), 'c1')).toBe('Ana');
  expect(await newOwner(lost({ by: 'u2' }), 'c1')).toBe('Bruno');
  expect(fetchConversation).not.toHaveBeenCalled();
});

it('is looked up where the refusal says nothing, by those who may', async () => {
  expect(await newOwner(lost({}), 'c1')).toBeNull();
  const found = { assigned_user: { id: 'u1', name: 'Ana' } } as Conversation;
  vi.mocked(fetchConversation).mockResolvedValue(found);
  expect(await newOwner(lost({}), 'c1')).toBe('Ana');
});
