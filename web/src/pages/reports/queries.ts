/** Reports, and the files made of them. */

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { download } from '../../api/download';
import { failed, told } from '../../app/notify';
import { language } from '../../i18n/i18n';
import { reports } from './texts';

export const GROUPS = ['attendant', 'department', 'channel', 'day'] as const;
export type GroupBy = (typeof GROUPS)[number];

/** Which days, and which part of the attendance. */
export interface Asked {
  from: string;
  to: string;
  department_id?: string;
  channel_id?: string;
  user_id?: string;
}

/** What the rows can be of: of one part of the attendance only its days are known. */
export const groupsOf = ({ department_id, channel_id, user_id }: Asked): readonly GroupBy[] =>
  (department_id ?? channel_id ?? user_id) ? ['day'] : GROUPS;

export function useOverview(query: Asked) {
  return useQuery({
    queryKey: ['metrics', 'overview', query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/metrics/overview', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

export function useAttendance(asked: Asked, by: GroupBy) {
  const query = { ...asked, group_by: by };
  return useQuery({
    queryKey: ['metrics', 'attendance', query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/metrics/attendance', { params: { query }, signal })),
    refetchInterval: 60_000,
  });
}

/** Makes a file of what the table shows. */
export function useExport(asked: Asked, by: GroupBy) {
  return useMutation({
    mutationFn: (format: 'csv' | 'json') => {
      // As spreadsheets of the language read numbers.
      const separator = language() === 'en' ? 'comma' : 'semicolon';
      const query = new URLSearchParams({ ...asked, group_by: by, format, separator });
      return download(
        `/api/v1/metrics/export?${query}`,
        `papo-${asked.from}-${asked.to}.${format}`,
      );
    },
    onSuccess: () => told(reports.say('exported')),
    onError: (error) => failed(error),
  });
}
