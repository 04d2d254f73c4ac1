import { TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useDepartments } from '../api/directory';
import { app } from './texts';

/** A skill as the server wants it: `Inglês avançado` is `ingles-avancado`. */
export function skillOf(written: string): string {
  return written
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20);
}

/** What somebody can do, or must be able to; suggests what departments ask for. */
export function SkillsInput({
  label,
  description,
  value,
  max,
  error,
  onChange,
}: {
  label: string;
  description: string;
  value: string[];
  max: number;
  error?: ReactNode;
  onChange: (skills: string[]) => void;
}) {
  const t = app.useText();
  const departments = useDepartments().data ?? [];
  const wanted = [...new Set(departments.flatMap(({ skills }) => skills))].sort();
  return (
    <TagsInput
      label={label}
      description={description}
      placeholder={value.length < max ? t('skillsPlaceholder') : undefined}
      data={wanted.filter((skill) => !value.includes(skill))}
      value={value}
      onChange={(written) =>
        onChange([...new Set(written.map(skillOf))].filter((skill) => skill !== ''))
      }
      maxTags={max}
      splitChars={[',', ';']}
      acceptValueOnBlur
      clearable
      error={error}
    />
  );
}
